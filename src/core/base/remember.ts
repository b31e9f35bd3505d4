/**
 * The function, which works out the value of each object once and keeps it for as long as that object lives. For pure
 * functions of values that never change: equal objects that are not the same one are worked out anew.
 */
export function perObject<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found.value;
    const value = compute(key);
    known.set(key, { value });
    return value;
  };
}

/** As `perObject` for a function of several values; of each first one the value for the last others is kept. */
export function perObjects<K extends object, Others extends readonly unknown[], V>(
  compute: (key: K, ...others: Others) => V,
): (key: K, ...others: Others) => V {
  const known = new WeakMap<K, { readonly others: Others; readonly value: V }>();
  return (key, ...others) => {
    const found = known.get(key);
    if (found?.others.every((other, index) => other === others[index]) === true) return found.value;
    const value = compute(key, ...others);
    known.set(key, { others, value });
    return value;
  };
}
