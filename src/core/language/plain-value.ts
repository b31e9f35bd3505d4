import { isMap, isScalar, isSeq } from 'yaml';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { spanOfOffsets, type YamlSource } from '../diagnostics/locate.ts';
import { keyText } from '../diagnostics/place.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { ParsedDocument } from './parse-yaml.ts';

/** The document as plain data, and what is wrong with its keys. Of a key that is written twice the first one stays. */
export function plainValue({ source, root }: ParsedDocument): { value: unknown; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  return { value: plain(root, source, diagnostics), diagnostics };
}

function plain(node: unknown, source: YamlSource, diagnostics: Diagnostic[]): unknown {
  if (isSeq(node)) return node.items.map((item) => plain(item, source, diagnostics));
  if (!isMap(node)) return isScalar(node) ? node.value : null;
  const seen = new Map<string, unknown>();
  const keys = new Map<string, unknown>();
  for (const pair of node.items) {
    const key = isScalar(pair.key) ? keyText(pair.key) : undefined;
    if (key === undefined || key === '' || key === '__proto__') {
      diagnostics.push(diagnostic('HG1011', spanOf(source, pair.key), 'a key must be a plain text'));
    } else if (keys.has(key)) {
      const related = [{ message: 'it is first written here', span: spanOf(source, keys.get(key)) }];
      const message = `the key ${quoted(key)} is written twice`;
      diagnostics.push(
        diagnostic('HG1006', spanOf(source, pair.key), message, { related, hint: 'keep one of the two' }),
      );
    } else if (key !== '<<') {
      keys.set(key, pair.key);
      seen.set(key, plain(pair.value, source, diagnostics));
    }
  }
  return Object.fromEntries(seen);
}

function spanOf(source: YamlSource, node: unknown) {
  const range = isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined;
  const start = range?.[0] ?? 0;
  return spanOfOffsets(source.file, source.lineStarts, start, range?.[1] ?? start);
}
