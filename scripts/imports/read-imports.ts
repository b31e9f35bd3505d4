import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import type { TextFile } from '../check/finding.ts';

/** What one file imports from one place; types count as values do. */
export interface Import {
  readonly from: string;
  readonly line: number;
  readonly to: Target;
}

export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'package'; readonly name: string };

/** Every import, re-export and dynamic import of a literal in a TypeScript file of the repository. */
export function readImports({ path, text }: TextFile): Import[] {
  const { module, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path} does not parse: ${errors[0].message}`);
  const requests = [
    ...module.staticImports.map((item) => item.moduleRequest),
    ...module.staticExports.flatMap((item) => item.entries.map((entry) => entry.moduleRequest)),
    ...module.dynamicImports.map((item) => item.moduleRequest),
  ];
  return requests.flatMap((request) => {
    const literal = request && /^(['"])(.*)\1$/s.exec(text.slice(request.start, request.end));
    if (!literal) return [];
    const line = text.slice(0, request.start).split('\n').length;
    return [{ from: path, line, to: target(path, literal[2] ?? '') }];
  });
}

function target(from: string, specifier: string): Target {
  if (isBuiltin(specifier)) return { kind: 'builtin', name: specifier };
  if (specifier.startsWith('.')) return { kind: 'file', path: posix.join(posix.dirname(from), specifier) };
  const words = specifier.split('/');
  return { kind: 'package', name: words.slice(0, specifier.startsWith('@') ? 2 : 1).join('/') };
}
