import { execFile } from 'node:child_process';
import { SourceError } from './source-error.ts';

interface ProgramRun {
  readonly input: Uint8Array;
  readonly timeoutMs: number;
  /** The message of the error, without what the program said: it may repeat what it read. */
  readonly failure: string;
}

/** Runs a program beside git to its end, by no shell. @throws SourceError `git-settings` */
export async function runProgram(program: string, words: readonly string[], run: ProgramRun): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const environment = { PATH: process.env.PATH ?? '', LC_ALL: 'C' };
  const options = { timeout: run.timeoutMs, killSignal: 'SIGKILL', env: environment, cwd: '/' } as const;
  const child = execFile(program, words, options, (cause) => {
    if (cause === null) resolve();
    else reject(new SourceError('git-settings', run.failure, { cause }));
  });
  child.stdin?.on('error', () => undefined).end(run.input);
  await promise;
}
