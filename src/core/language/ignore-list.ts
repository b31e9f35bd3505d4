import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { SourceText } from './decode-text.ts';
import { IGNORE_LIST } from './tree-file.ts';

/** A file, or a folder with all below it, that is left out; with the line that says so. */
interface IgnoredPath {
  readonly path: string;
  readonly line: number;
  readonly length: number;
}

/** One path a line; empty lines and those that start with `#` say nothing. There are no patterns. */
export function parseIgnoreList(source: SourceText | undefined): IgnoredPath[] {
  const lines = source?.text.split('\n') ?? [];
  return lines.flatMap((raw, index) => {
    const text = raw.trim();
    if (text === '' || text.startsWith('#')) return [];
    return [{ path: text.replace(/^\.?\//, '').replace(/\/+$/, ''), line: index + 1, length: raw.trimEnd().length }];
  });
}

/** The paths that stay, and a warning for each line that left nothing out. */
export function withoutIgnored<T extends { readonly path: string }>(
  files: readonly T[],
  ignored: readonly IgnoredPath[],
): { kept: T[]; diagnostics: Diagnostic[] } {
  const used = new Set<IgnoredPath>();
  const byPath = new Map(ignored.map((item) => [item.path, item]));
  const kept = files.filter((file) => {
    const hit = prefixes(file.path)
      .map((prefix) => byPath.get(prefix))
      .find((item) => item !== undefined);
    if (hit !== undefined) used.add(hit);
    return hit === undefined;
  });
  const unused = ignored.filter((item) => !used.has(item));
  return { kept, diagnostics: unused.map(unusedLine) };
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function prefixes(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function unusedLine(item: IgnoredPath): Diagnostic {
  const start = { line: item.line, column: 1 };
  const span = { file: IGNORE_LIST, start, end: { line: item.line, column: item.length + 1 } };
  const hint = 'remove the line, or write a path below the root (patterns are not known)';
  const line = { file: IGNORE_LIST, start, end: { line: item.line + 1, column: 1 } };
  const fix = [{ span: line, replacement: '' }];
  return diagnostic('HG1015', span, `no file is at or below ${quoted(item.path)}`, { hint, fix });
}
