/** What JSON can say. `undefined` members are left out, as JSON.stringify does. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * JSON text with the keys of every object sorted by code unit and no white space: equal values give equal text
 * (RFC 8785 without its number rules, which JSON.stringify already follows). Members for which `isLeftOut` is true are
 * left out, at any depth.
 */
export function canonicalJson(value: Json, isLeftOut?: (key: string, member: Json) => boolean): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) text += `${text === '' ? '' : ','}${canonicalJson(item, isLeftOut)}`;
    return `[${text}]`;
  }
  const object = value as { readonly [key: string]: Json | undefined };
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member === undefined || isLeftOut?.(key, member) === true) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member, isLeftOut)}`;
  }
  return `{${text}}`;
}
