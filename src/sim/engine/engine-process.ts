import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SeenRequest } from '../server/request-log.ts';
import type { EngineFault } from './engine-fault.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EngineStats } from './start-engine.ts';

/** A line of JSON on the standard input of an engine process. */
export type EngineCommand =
  | { readonly do: 'fault'; readonly fault: EngineFault }
  | { readonly do: 'stats' }
  | { readonly do: 'requests' };

/** The first line that an engine process prints. */
export type EngineGreeting = { readonly address: string } | { readonly error: string };

/** The process could not be started, or ended while an answer was owed. */
export class EngineProcessError extends Error {
  override readonly name = 'EngineProcessError';
  readonly code = 'engine-process-ended';
}

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Starts a simulated engine as a process, so that it can be killed as one. Rejects with EngineProcessError. */
export async function startEngineProcess(options: EngineOptions): Promise<EngineProcess> {
  const child = spawn(process.execPath, [MAIN, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const engine = new EngineProcess(child);
  await engine.ready();
  return engine;
}

interface Waiter {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/** An engine in a process of its own; whoever started it closes it, and it ends with whoever started it. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #waiters: Waiter[] = [];
  readonly #exited: Promise<unknown>;
  #address = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = once(child, 'exit').catch((error: unknown) => error);
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => this.#waiters.shift()?.resolve(line));
    }
    // A command to a process that was killed is told by its exit.
    child.stdin?.on('error', () => undefined);
    void this.#exited.then(() => {
      const error = new EngineProcessError('the process of a simulated engine ended');
      for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** `ip:port`. */
  get address(): string {
    return this.#address;
  }

  /** Resolves once the engine listens. */
  async ready(): Promise<void> {
    const told = JSON.parse(await this.#nextLine()) as EngineGreeting;
    if ('error' in told) throw new EngineProcessError(`a simulated engine cannot start: ${told.error}`);
    this.#address = told.address;
  }

  async fault(fault: EngineFault): Promise<void> {
    await this.#ask({ do: 'fault', fault });
  }

  async stats(): Promise<EngineStats> {
    return (await this.#ask({ do: 'stats' })) as EngineStats;
  }

  /** The requests that the engine remembers, oldest first. */
  async requests(): Promise<SeenRequest[]> {
    return (await this.#ask({ do: 'requests' })) as SeenRequest[];
  }

  /** Kills the process with SIGKILL; resolves when it is gone. Killing it twice is fine. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Lets the engine end by itself; resolves when it is gone. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    await this.#exited;
  }

  async #ask(command: EngineCommand): Promise<unknown> {
    const line = this.#nextLine();
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    return JSON.parse(await line);
  }

  #nextLine(): Promise<string> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      return Promise.reject(new EngineProcessError('the process of a simulated engine has ended'));
    }
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }
}
