import { child, items, type Place, type Source, textOf } from './source-place.ts';

/** Header names that our routes can ask for. */
const HEADER = /^[a-z0-9][a-z0-9-]{0,99}$/;

/** `matches: [ { headers: [ { name, value: { exact } } ] } ]`; undefined where it asks for anything else, or for alternatives. */
export function exactHeaders(source: Source, matches: readonly Place[]): Record<string, string> | undefined {
  if (matches.length > 1) return undefined;
  const headers: Record<string, string> = {};
  for (const match of matches) {
    for (const header of items(source, child(source, match, 'headers'))) {
      const name = textOf(child(source, header, 'name'))?.toLowerCase();
      const exact = textOf(child(source, child(source, header, 'value'), 'exact'));
      if (name === undefined || exact === undefined || !HEADER.test(name)) return undefined;
      headers[name] = exact;
    }
  }
  return headers;
}
