import { type Finding, lineFindings, type TextFile } from '../check/finding.ts';

/** A rule over the text of one file. */
export interface TextRule {
  /** The files that the rule reads. */
  readonly applies: (path: string) => boolean;
  readonly findings: (file: TextFile) => Finding[];
}

const isCode = (path: string) => path.endsWith('.ts') || path.endsWith('.mjs');
const isProse = (path: string) => path.endsWith('.md');
/** Written by programs: their words are not ours. */
const isGenerated = (path: string) => /^(package-lock\.json|src\/gen\/|scripts\/opa\/go\.)/.test(path);
const isOurs = (path: string) => !isGenerated(path);

/** Words are put together here, so that this file and its test pass the rules themselves. */
const word = (...parts: string[]) => parts.join('');

const LEFTOVER = new RegExp(`\\b(${word('TO', 'DO')}|${word('FIX', 'ME')}|${word('XX', 'X')})\\b`);
const TYPE_ESCAPE = new RegExp(`${word('@ts-', '(ignore|nocheck|expect-error)')}|\\b${word('as', ' any')}\\b`);
const TEST_ESCAPE = new RegExp(`\\b(test|it|describe|suite)\\.${word('(only|to', 'do|skip)')}\\b`);
const LINT_ESCAPE = new RegExp(`${word('biome-', 'ignore')}-?\\w* [\\w/]+:.{0,15}$`);
const MACHINE_PATH = new RegExp(
  `(?<![\\w.*$}/-])/(${word('wo', 'rk')}|${word('ro', 'ot')}|${word('t', 'mp')}|home/\\w+)(/|\\b)`,
);
const REGISTRY_HOST = new RegExp(
  [
    word('registry\\.npm', 'js\\.org'),
    word('registry\\.yarn', 'pkg\\.com'),
    word('(files\\.)?py', 'pi\\.org'),
    word('files\\.python', 'hosted\\.org'),
    word('proxy\\.go', 'lang\\.org'),
    word('sum\\.go', 'lang\\.org'),
  ].join('|'),
);
/** A name that says where a thing was put, not what it is. */
const NAMELESS = /(^|\/)(utils?|helpers?|commons?|misc|shared|lib|stuff)(\/|\.|$)/;
const KEBAB_PATH =
  /^(\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\/)*\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;

/** Bars of the documents that a reader meets first. */
const DOCUMENT_LINES_MAX: Readonly<Record<string, number>> = { 'README.md': 150, 'ARCHITECTURE.md': 200 };
const SCRIPT_LINES_MAX = 250;

const lines =
  (pattern: RegExp, message: string) =>
  (file: TextFile): Finding[] =>
    lineFindings(file, pattern, message);

export const TEXT_RULES: Readonly<Record<string, TextRule>> = {
  'leftover-words': { applies: isOurs, findings: lines(LEFTOVER, 'finish it, or write an issue') },
  'type-escapes': { applies: isCode, findings: lines(TYPE_ESCAPE, 'the type checker is not switched off') },
  'test-escapes': {
    // The one place where a suite may be skipped: a program is missing, and the run says so.
    applies: (path) => isCode(path) && path !== 'test/support/require-tool.ts',
    findings: lines(TEST_ESCAPE, 'every test runs; one that needs a program uses describeWithTool'),
  },
  'lint-escapes': { applies: isCode, findings: lines(LINT_ESCAPE, 'say why the rule does not hold here') },
  'machine-paths': { applies: isOurs, findings: lines(MACHINE_PATH, 'a path of one machine') },
  'registry-hosts': { applies: () => true, findings: lines(REGISTRY_HOST, 'registries are the user’s own choice') },
  'white-space': {
    applies: (path) => isOurs(path) && !path.startsWith('test/golden/'),
    findings: (file) => [
      ...lineFindings(file, /[ \t\r]+$/, 'white space at the end of the line'),
      ...(file.text === '' || file.text.endsWith('\n')
        ? []
        : [{ file: file.path, message: 'no line break at the end of the file' }]),
    ],
  },
  'file-names': {
    applies: (path) =>
      /^(src|test|scripts|bench|bin|docs)\//.test(path) && !/^(src\/gen|docs\/codes|test\/golden)\//.test(path),
    findings: ({ path }) => {
      if (NAMELESS.test(path)) return [{ file: path, message: 'name the one thing that it is' }];
      return KEBAB_PATH.test(path) || isProse(path) ? [] : [{ file: path, message: 'names are kebab-case' }];
    },
  },
  'document-length': {
    applies: (path) => DOCUMENT_LINES_MAX[path] !== undefined || /^(scripts|bin)\/[^.]*(\.sh)?$/.test(path),
    findings: ({ path, text }) => {
      const count = text.split('\n').length - 1;
      const max = DOCUMENT_LINES_MAX[path] ?? SCRIPT_LINES_MAX;
      return count > max ? [{ file: path, message: `${count} lines, and the bar is ${max}` }] : [];
    },
  },
};
