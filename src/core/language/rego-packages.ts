import type { Span } from '../diagnostics/diagnostic.ts';
import type { SourceText } from './decode-text.ts';

/** The packages that the policies of the tree define, with where each is first named. */
export type RegoPackages = ReadonlyMap<string, { readonly span: Span }>;

/** The prefix of the packages that come with the product. */
export const BUILT_IN_PREFIX = 'headgate.';

/** The line that names a package. The Rego compiler checks everything else. */
const PACKAGE_LINE = /^[ \t]*package[ \t]+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)/;

export function regoPackages(policies: readonly SourceText[]): RegoPackages {
  const packages = new Map<string, { span: Span }>();
  for (const policy of policies) {
    const found = packageOf(policy);
    if (found !== undefined && !packages.has(found.name)) packages.set(found.name, { span: found.span });
  }
  return packages;
}

/** The package of a policy and its place; undefined where no line names one. */
export function packageOf(policy: SourceText): { readonly name: string; readonly span: Span } | undefined {
  const lines = policy.text.split('\n');
  for (const [index, line] of lines.entries()) {
    const name = PACKAGE_LINE.exec(line)?.[1];
    if (name === undefined) continue;
    const column = line.indexOf(name, line.indexOf('package') + 'package'.length) + 1;
    const start = { line: index + 1, column };
    return { name, span: { file: policy.path, start, end: { line: index + 1, column: column + name.length } } };
  }
  return undefined;
}
