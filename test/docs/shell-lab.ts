import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { present } from '../../src/core/base/assert.ts';
import { ROOT } from './fenced-blocks.ts';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder and a shell in which the commands of a page run as a reader would run them: headgate is on PATH. */
export class ShellLab {
  readonly folder = mkdtempSync(join(tmpdir(), 'headgate-docs-'));
  readonly env: Record<string, string | undefined>;
  readonly #running: ChildProcess[] = [];

  constructor(programs: readonly string[]) {
    const folders = [join(ROOT, 'bin'), ...programs.map((program) => dirname(program)), process.env.PATH];
    const person = { GIT_AUTHOR_NAME: 'reader', GIT_AUTHOR_EMAIL: 'reader@example.com' };
    const committer = { GIT_COMMITTER_NAME: 'reader', GIT_COMMITTER_EMAIL: 'reader@example.com' };
    this.env = { ...process.env, ...person, ...committer, NO_COLOR: '1', PATH: folders.join(delimiter) };
  }

  write(path: string, text: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Runs a command to its end. */
  async run(command: string): Promise<Ran> {
    const child = this.#spawn(command);
    const printed = { stdout: '', stderr: '' };
    child.stdout?.on('data', (bytes: Buffer) => {
      printed.stdout += bytes.toString();
    });
    child.stderr?.on('data', (bytes: Buffer) => {
      printed.stderr += bytes.toString();
    });
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, ...printed };
  }

  /** Starts a command that goes on until `close`. */
  start(command: string): ChildProcess {
    const child = this.#spawn(`exec ${command}`);
    this.#running.push(child);
    return child;
  }

  /** Ends a command that was started, and resolves when it is gone. */
  async end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  async close(): Promise<void> {
    for (const child of this.#running) await this.end(child);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(command: string): ChildProcess {
    return spawn('bash', ['-c', command], { cwd: this.folder, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
  }
}

/** The first line of a stream for which the predicate holds; all of it is read. Rejects when the stream ends before. */
export function lineOf(stream: NodeJS.ReadableStream | null, isWanted: (line: string) => boolean): Promise<string> {
  const lines = createInterface({ input: present(stream, 'a pipe') });
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      if (isWanted(line)) resolve(line);
    });
    lines.once('close', () => reject(new Error('the stream ended before the line came')));
  });
}
