import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A program of this folder in a process of its own, so that its processor time is not counted. It ends when we do. */
export class ChildProgram {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  constructor(file: URL) {
    this.#child = fork(file, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit');
  }

  /** Sends a message and gives the next one that comes back. */
  async ask(message: object): Promise<unknown> {
    this.#child.send(message);
    const given = await Promise.race([once(this.#child, 'message'), this.#exited.then(() => undefined)]);
    if (given === undefined) throw new Error(`a program of the bench ended with ${this.#child.exitCode}`);
    return given[0];
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}
