import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A process of ours ended when it should not have; the message holds the end of its log. */
export class ProcessEnded extends Error {
  override readonly name = 'ProcessEnded';
  readonly code = 'process-ended';
}

export interface OwnedProcessOptions {
  readonly name: string;
  readonly program: string;
  readonly argv: readonly string[];
  /** Where its standard error goes. */
  readonly logFile: string;
  /** Its standard output: read by `firstLine`, or into the log. A pipe that nobody reads would fill up and stop it. */
  readonly output: 'first-line' | 'log';
}

/** How long a process may take to end by itself: headgate lets open exchanges go on for 5 s. */
const END_MS = 8_000;
/** As much of a log as helps to see why a process ended. */
const LOG_LINES_SHOWN = 20;

/** A child process that does not outlive us: whoever started it closes it, and if we exit first it is killed. */
export class OwnedProcess {
  readonly #options: OwnedProcessOptions;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #firstLine: Promise<string>;

  constructor(options: OwnedProcessOptions) {
    this.#options = options;
    const log = openSync(options.logFile, 'a');
    const output = options.output === 'log' ? log : 'pipe';
    this.#child = spawn(options.program, [...options.argv], { stdio: ['ignore', output, log] });
    closeSync(log);
    // All of it is read: a pipe that nobody empties would stop the process one day.
    this.#firstLine = new Promise((resolve) => {
      if (this.#child.stdout !== null) createInterface({ input: this.#child.stdout }).once('line', resolve);
    });
    const kill = () => this.#child.kill('SIGKILL');
    process.once('exit', kill);
    this.#exited = once(this.#child, 'exit')
      .catch((cause: unknown) => cause)
      .finally(() => process.off('exit', kill));
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The first line of its standard output. Throws ProcessEnded when it ends before it prints one. */
  firstLine(): Promise<string> {
    return this.during(this.#firstLine);
  }

  /** What a promise gives; throws ProcessEnded when the process ends before it does. */
  async during<Given>(given: Promise<Given>): Promise<Given> {
    const first = await Promise.race([given.then((value) => ({ value })), this.#exited.then(() => 'ended' as const)]);
    if (first === 'ended') throw this.#ended();
    return first.value;
  }

  /** Kills it with SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Asks it to end, and kills it when it does not; resolves when it is gone. */
  async close(): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  #ended(): ProcessEnded {
    const { name, logFile } = this.#options;
    const log = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
    return new ProcessEnded(`${name} ended (${this.#child.signalCode ?? this.#child.exitCode}):\n${log}`);
  }
}
