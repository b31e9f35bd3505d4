import { SourceError, type SourceErrorCode } from './source-error.ts';

/** What git says on its error output, in the C locale. The first row that matches wins. */
const SIGNS: readonly (readonly [RegExp, SourceErrorCode])[] = [
  [/couldn't find remote ref/i, 'git-ref-missing'],
  [/not our ref/i, 'git-commit-missing'],
  [/no space left on device|disk quota exceeded|file too large/i, 'git-disk'],
  [/host key verification failed|(ssl|server) certificate|SSL_connect|CAfile/i, 'git-untrusted'],
  [/authentication failed|could not read (username|password)|permission denied|returned error: 40[13]/i, 'git-auth'],
  [/fsck error|fsck failed|object of unexpected type|unresolved deltas|invalid index-pack output/i, 'git-refused'],
  [/dubious ownership|not supported or disabled|transport '.*' not allowed/i, 'git-refused'],
  [
    /could not resolve|refused|timed out|failed to connect|could(n't| not) connect|unable to access/i,
    'git-unreachable',
  ],
  [/does not appear to be a git repository|could not read from remote|returned error|hung up/i, 'git-unreachable'],
  [/not a git repository|bad object|corrupt|is empty|unable to (read|open|unpack)/i, 'git-corrupt'],
  [/bad (config|signature)|missing (blob|tree|commit)|did not send all necessary/i, 'git-corrupt'],
];

/** The longest error text of git that a message repeats, in characters: a line or two. */
const MESSAGE_CHARACTERS_MAX = 300;

/** A typed error from what git printed. Lines that the remote wrote decide nothing and are not repeated. */
export function classifyFailure(doing: string, errorOutput: string): SourceError {
  const lines = errorOutput.split('\n').filter((line) => line !== '' && !line.startsWith('remote: '));
  const text = lines.join('\n');
  const code = SIGNS.find(([sign]) => sign.test(text))?.[1] ?? 'git-failed';
  const said = lines.find((line) => line.startsWith('fatal: ')) ?? lines[0] ?? 'it said nothing';
  return new SourceError(code, `${doing}: ${printable(said).slice(0, MESSAGE_CHARACTERS_MAX)}`);
}

function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
