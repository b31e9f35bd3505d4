/** A function that works out each of its values once. */
export interface Remembering<Keys extends readonly unknown[], V> {
  (...keys: Keys): V;
  /** Says a value that was worked out elsewhere, such as in an earlier process. */
  readonly tell: (value: V, ...keys: Keys) => void;
}

/**
 * The function, which works out the value of each object once and keeps it for as long as that object lives. For pure
 * functions of values that never change: equal objects that are not the same one are worked out anew.
 */
export function perObject<K extends object, V>(compute: (key: K) => V): Remembering<[key: K], V> {
  const known = new WeakMap<K, { readonly value: V }>();
  const tell = (value: V, key: K) => {
    known.set(key, { value });
  };
  const remembered = (key: K): V => {
    const found = known.get(key);
    if (found !== undefined) return found.value;
    const value = compute(key);
    tell(value, key);
    return value;
  };
  return Object.assign(remembered, { tell });
}

/** As `perObject` for a function of several values; of each first one the value for the last others is kept. */
export function perObjects<K extends object, Others extends readonly unknown[], V>(
  compute: (key: K, ...others: Others) => V,
): Remembering<[key: K, ...others: Others], V> {
  const known = new WeakMap<K, { readonly others: Others; readonly value: V }>();
  const tell = (value: V, key: K, ...others: Others) => {
    known.set(key, { others, value });
  };
  const remembered = (key: K, ...others: Others): V => {
    const found = known.get(key);
    const isSame = found?.others.length === others.length && found.others.every((other, at) => other === others[at]);
    if (isSame) return found.value;
    const value = compute(key, ...others);
    tell(value, key, ...others);
    return value;
  };
  return Object.assign(remembered, { tell });
}
