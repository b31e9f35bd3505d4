import { type ChildProcess, spawn } from 'node:child_process';
import { classifyFailure } from './classify-failure.ts';
import { type RemoteAccess, sshCommand } from './remote-access.ts';
import { SourceError } from './source-error.ts';

/** How git is started: which program, with which settings file. Made once per mirror. */
export interface GitProgram {
  readonly gitPath: string;
  /** The home of git's own processes: never the user's, so that no setting of theirs counts. */
  readonly home: string;
  /** By what the remote is reached; the settings file and `accessEnvironment` carry it. */
  readonly access: RemoteAccess;
  readonly allowLocal: boolean;
}

export interface GitRun {
  readonly arguments: readonly string[];
  readonly repository: string;
  /** The end of the sentence that an error message starts with, such as `fetch`. */
  readonly doing: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Exit statuses that are answers, not failures. Default: 0 alone. */
  readonly answers?: readonly number[];
  /** On top of the fixed environment. */
  readonly environment?: NodeJS.ProcessEnv;
  /** What the command reads. Default: nothing. */
  readonly input?: string;
}

/** What a run printed. */
export interface GitRan {
  readonly status: number;
  readonly output: string;
  /** The first kilobytes of its error output, for commands that answer there. */
  readonly errorOutput: string;
}

/** What a command may print: the longest is a list of a hundred thousand tags. */
const OUTPUT_BYTES_MAX = 8 * 1024 * 1024;
/** Enough for git's own words; a remote may send any amount. */
const ERROR_BYTES_MAX = 16 * 1024;

/** What git may still read of our own environment: where programs, the ssh agent and the proxy are. */
const PASSED_ON = ['PATH', 'SSH_AUTH_SOCK', 'SSL_CERT_FILE'];
/** Where the settings say nothing of a proxy. */
const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];

/** Above this size git streams an object and never holds it in memory. */
const BIG_FILE_BYTES = 1024 * 1024;

/** Starts git in its own process group, which `killGroup` ends with all its helpers. */
export function spawnGit(
  program: GitProgram,
  repository: string,
  command: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): ChildProcess {
  return spawn(program.gitPath, [`--git-dir=${repository}`, ...fixedSettings(program), ...command], {
    cwd: '/',
    detached: true,
    env: { ...fixedEnvironment(program), ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}

/**
 * Runs one git command to its end.
 * @throws SourceError `git-timeout` past the deadline, `git-closed` when aborted, `git-too-large` when it prints more
 *   than any answer takes, else by what git said
 */
export function runGit(program: GitProgram, run: GitRun): Promise<GitRan> {
  const { promise, resolve, reject } = Promise.withResolvers<GitRan>();
  if (run.signal?.aborted === true) return Promise.reject(aborted(run.doing));
  const child = spawnGit(program, run.repository, run.arguments, run.environment);
  const output = collect(child.stdout, OUTPUT_BYTES_MAX);
  const errors = collect(child.stderr, ERROR_BYTES_MAX);
  let ended: SourceError | undefined;
  const end = (error: SourceError) => {
    ended ??= error;
    killGroup(child);
  };
  const onAbort = () => end(run.signal?.reason instanceof SourceError ? run.signal.reason : aborted(run.doing));
  run.signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(
    () => end(new SourceError('git-timeout', `${run.doing}: no end within ${run.timeoutMs} ms`)),
    run.timeoutMs,
  );
  const settle = (finish: () => void) => {
    clearTimeout(timer);
    run.signal?.removeEventListener('abort', onAbort);
    finish();
  };
  child.stdin?.on('error', () => undefined).end(run.input);
  child.once('error', (cause) => settle(() => reject(missingProgram(program, cause))));
  child.once('close', (status) =>
    settle(() => {
      if (ended !== undefined) reject(ended);
      else if (status === null || !(run.answers ?? [0]).includes(status)) {
        reject(classifyFailure(run.doing, errors.text()));
      } else if (output.isCut()) reject(new SourceError('git-too-large', `${run.doing}: the answer is too long`));
      else resolve({ status, output: output.text(), errorOutput: errors.text() });
    }),
  );
  return promise;
}

export function missingProgram(program: GitProgram, cause: unknown): SourceError {
  return new SourceError('git-missing', `cannot start ${program.gitPath}`, { cause });
}

function aborted(doing: string): SourceError {
  return new SourceError('git-closed', `${doing}: stopped`);
}

/** Gathers a stream's text up to a cap; what comes after it is read and dropped, so that git never blocks. */
function collect(stream: NodeJS.ReadableStream | null, bytesMax: number): { text: () => string; isCut: () => boolean } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (bytes < bytesMax) chunks.push(chunk.subarray(0, bytesMax - bytes));
    bytes += chunk.length;
  });
  return { text: () => Buffer.concat(chunks).toString('utf8'), isCut: () => bytes > bytesMax };
}

function fixedSettings(program: GitProgram): string[] {
  const settings = [
    'core.hooksPath=/dev/null',
    `core.bigFileThreshold=${BIG_FILE_BYTES}`,
    'protocol.allow=never',
    'protocol.https.allow=always',
    'protocol.ssh.allow=always',
    ...(program.allowLocal ? ['protocol.file.allow=always'] : []),
    'transfer.fsckObjects=true',
    'transfer.bundleURI=false',
    'transfer.credentialsInUrl=die',
    // Every fetch lands as a pack, whose size can be watched while it grows.
    'fetch.unpackLimit=1',
    'http.lowSpeedLimit=1000',
    'http.lowSpeedTime=20',
    'gc.auto=0',
  ];
  return settings.flatMap((setting) => ['-c', setting]);
}

function fixedEnvironment(program: GitProgram): NodeJS.ProcessEnv {
  const names = program.access.proxy === undefined ? [...PASSED_ON, ...PROXY_VARIABLES] : PASSED_ON;
  const passed = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passed),
    HOME: program.home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: globalSettingsPath(program),
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    SSH_ASKPASS: 'false',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_SSH_COMMAND: sshCommand(program.access, program.home),
    GIT_SSH_VARIANT: 'ssh',
  };
}

/** The one settings file that git reads besides our flags: see prepareDirectory. */
export function globalSettingsPath(program: GitProgram): string {
  return `${program.home}/gitconfig`;
}
