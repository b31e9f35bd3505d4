import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import { assert, present } from '../../src/core/base/assert.ts';
import { processorMilliseconds, residentMebibytes } from './processor-time.ts';
import type { ChangedType } from './xds-fleet.ts';
import type { LoadAnswer, LoadJob } from './xds-load-process.ts';

/** Connections, and something for the rest. */
const OPEN_FILES = 20_000;

/** The server has taken the last ACK, and what it caused, so long after the last response went out. */
const SETTLE_MS = 60;

/** The machine counts a snapshot as acknowledged when a client was silent for a second. */
const QUIET_MS = 1_500;

/** The server and its clients, each in a process on a core of its own. */
export class XdsLab implements AsyncDisposable {
  readonly #server: ChildProcess;
  readonly #clients: ChildProcess;
  readonly #port: number;
  readonly #controlPort: number;
  /** Aborted when a process ended by itself. */
  readonly #gone = new AbortController();

  private constructor(server: ChildProcess, clients: ChildProcess, port: number, controlPort: number) {
    this.#server = server;
    this.#clients = clients;
    this.#port = port;
    this.#controlPort = controlPort;
    for (const child of [server, clients]) child.once('exit', () => this.#gone.abort());
  }

  /** A server of a fleet with so many clusters; it is ready. */
  static async start(clusters: number): Promise<XdsLab> {
    const [port, controlPort] = [await freePort(), await freePort()];
    const server = await startServer(clusters, port, controlPort);
    const clients = pinned(1, new URL('./xds-load-process.ts', import.meta.url), {}, true);
    return new XdsLab(server, clients, port, controlPort);
  }

  connect(job: Omit<LoadJob & { kind: 'connect' }, 'kind' | 'port'>): Promise<Cost> {
    return this.#measured(() => this.#ask({ kind: 'connect', port: this.#port, ...job }));
  }

  /**
   * Changes so many resources of a type at once, and waits for all clients to have them.
   *
   * @param told how many resources each client is sent for it
   */
  async change(type: ChangedType, typeUrl: string, count: number, told = count): Promise<Cost> {
    await this.#ask({ kind: 'arm', typeUrl });
    return await this.#measured(async () => {
      const answer = this.#ask({ kind: 'await', resources: told });
      const response = await fetch(`http://127.0.0.1:${this.#controlPort}/change?n=${count}&type=${type}`, {
        method: 'POST',
      });
      assert(response.ok, 'the server makes the change');
      return await answer;
    });
  }

  async disconnect(): Promise<void> {
    await this.#ask({ kind: 'disconnect' });
    await delay(SETTLE_MS * 5);
  }

  /** What the last job left to do is done. */
  async quiet(): Promise<void> {
    await delay(QUIET_MS);
  }

  residentMebibytes(): number {
    return residentMebibytes(this.#pid);
  }

  async #measured(run: () => Promise<LoadAnswer>): Promise<Cost> {
    const beforeMs = processorMilliseconds(this.#pid);
    const startedAtMs = performance.timeOrigin + performance.now();
    const answer = await run();
    const wallMs = performance.timeOrigin + performance.now() - startedAtMs;
    await delay(SETTLE_MS);
    const processorMs = processorMilliseconds(this.#pid) - beforeMs;
    const latenciesMs = answer.arrivedAtMs.map((atMs) => atMs - startedAtMs);
    return { processorMs, wallMs, latenciesMs, bytes: answer.bytes, responses: answer.responses };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#clients.disconnect();
    this.#server.kill('SIGTERM');
    await Promise.all([ended(this.#clients), ended(this.#server)]);
  }

  get #pid(): number {
    return present(this.#server.pid, 'the process of the server');
  }

  async #ask(job: LoadJob): Promise<LoadAnswer> {
    this.#clients.send(job);
    const [answer] = await once(this.#clients, 'message', { signal: this.#gone.signal });
    return answer as LoadAnswer;
  }
}

/** What something cost the server, and when its clients had it. */
export interface Cost {
  readonly processorMs: number;
  readonly wallMs: number;
  readonly latenciesMs: readonly number[];
  readonly bytes: number;
  readonly responses: number;
}

async function startServer(clusters: number, port: number, controlPort: number): Promise<ChildProcess> {
  const server = pinned(0, new URL('../xds-server.ts', import.meta.url), {
    BENCH_XDS: `127.0.0.1:${port}`,
    BENCH_CTL: `127.0.0.1:${controlPort}`,
    BENCH_M: `${clusters}`,
  });
  while (true) {
    assert(server.exitCode === null, 'the server runs');
    const response = await fetch(`http://127.0.0.1:${controlPort}/ready`).catch(() => undefined);
    if (response?.ok) return server;
    await delay(20);
  }
}

/** A program of ours on one core, where the system lets us choose, and with room for many sockets. */
function pinned(core: number, file: URL, env: Readonly<Record<string, string>>, hasChannel = false): ChildProcess {
  const script =
    'ulimit -n "$0" 2>/dev/null || true; if command -v taskset >/dev/null; then exec taskset -c "$1" "$2" "$3"; else exec "$2" "$3"; fi';
  return spawn('sh', ['-c', script, `${OPEN_FILES}`, `${core}`, process.execPath, fileURLToPath(file)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', ...(hasChannel ? (['ipc'] as const) : [])],
  });
}

async function ended(child: ChildProcess): Promise<undefined> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
