import { RE2JS } from 're2js';
import { byCodeUnit } from '../base/text-order.ts';

/** Where forges look for the file, first found first (GitHub, GitLab). */
export const CODE_OWNERS_PATHS: readonly string[] = [
  '.github/CODEOWNERS',
  'CODEOWNERS',
  'docs/CODEOWNERS',
  '.gitlab/CODEOWNERS',
];

/** Who must approve a change of these files. */
export interface Approvers {
  readonly owners: readonly string[];
  /** Files that nobody owns. */
  readonly unowned: readonly string[];
}

/** Longer lines are no patterns of people. */
const LINE_CHARS_MAX = 1_000;

interface Rule {
  readonly section: string;
  readonly matches: (path: string) => boolean;
  readonly owners: readonly string[];
}

/**
 * The owners of files by a CODEOWNERS file: of the rules of each section the last one that matches counts, one without
 * owners takes them away. A file without sections is one section (GitHub's form).
 */
export function approversOf(text: string, paths: readonly string[]): Approvers {
  const rules = rulesOf(text);
  const sections = [...new Set(rules.map(({ section }) => section))];
  const owners = new Set<string>();
  const unowned: string[] = [];
  for (const path of paths) {
    const own = sections.flatMap(
      (section) => rules.findLast((rule) => rule.section === section && rule.matches(path))?.owners ?? [],
    );
    if (own.length === 0) unowned.push(path);
    for (const owner of own) owners.add(owner);
  }
  return { owners: [...owners].sort(byCodeUnit), unowned };
}

function rulesOf(text: string): Rule[] {
  const rules: Rule[] = [];
  let section = '';
  let sectionOwners: readonly string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const words = line.replace(/(^|\s)#.*$/, '').trim();
    if (words === '' || words.length > LINE_CHARS_MAX) continue;
    const heading = /^\^?\[([^\]]+)\](?:\[\d+\])?\s*(.*)$/.exec(words);
    if (heading !== null) {
      section = (heading[1] ?? '').toLowerCase();
      sectionOwners = ownersIn(heading[2] ?? '');
      continue;
    }
    // A space in a path is written with a backslash before it.
    const [pattern = '', ...rest] = words.split(/(?<!\\)\s+/);
    const owners = ownersIn(rest.join(' '));
    rules.push({ section, matches: matcherOf(pattern), owners: owners.length === 0 ? sectionOwners : owners });
  }
  return rules;
}

function ownersIn(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** The form of gitignore: anchored by a slash that is not the last one, a folder means all below it. */
function matcherOf(pattern: string): (path: string) => boolean {
  const plain = pattern.replace(/\\(.)/g, '$1');
  const body = plain.replace(/^\//, '').replace(/\/$/, '');
  const isAnchored = plain.replace(/\/$/, '').includes('/');
  const parts = body.split(/(\*\*\/|\*\*|\*|\?)/).map((part) => GLOBS.get(part) ?? RE2JS.quote(part));
  // `docs/*` is the files of the folder alone; every other pattern means what is below it too.
  const tail = body.endsWith('/*') ? '' : '(?:/.*)?';
  const compiled = RE2JS.compile(`${isAnchored ? '' : '(?:.*/)?'}${parts.join('')}${tail}`);
  return (path) => compiled.matches(path);
}

const GLOBS: ReadonlyMap<string, string> = new Map([
  ['**/', '(?:.*/)?'],
  ['**', '.*'],
  ['*', '[^/]*'],
  ['?', '[^/]'],
]);
