import { present } from '../../../core/base/assert.ts';
import type { EngineOptions } from '../../../sim/engine/engine-options.ts';
import { type EngineProcess, startEngineProcess } from '../../../sim/engine/engine-process.ts';

/** Own model name first; the second is an alias under which the same engine serves the newer model. */
const MODELS: EngineOptions['models'] = ['meta-llama/Llama-3.1-8B-Instruct', 'chat-next-8b'];

/** Simulated vLLM servers, each a process of its own on an address that it keeps. */
export class EngineFleet {
  readonly #engines: EngineProcess[];
  readonly #scales: readonly number[];
  #closed = false;

  constructor(engines: EngineProcess[], scales: readonly number[]) {
    this.#engines = engines;
    this.#scales = scales;
  }

  /** `ip:port` of each. */
  get addresses(): readonly string[] {
    return this.#engines.map(({ address }) => address);
  }

  /** How fast the GPU of an engine is, beside the others. */
  scaleOf(address: string): number {
    return present(this.#scales[this.#indexOf(address)], `the speed of ${address}`);
  }

  at(address: string): EngineProcess {
    return present(this.#engines[this.#indexOf(address)], `an engine at ${address}`);
  }

  /** Starts the engine of an address again, which was killed. Its memory is empty. */
  async restart(address: string): Promise<void> {
    const port = Number(address.slice(address.lastIndexOf(':') + 1));
    const engine = await startOne(this.scaleOf(address), port);
    if (this.#closed) await engine.close();
    else this.#engines[this.#indexOf(address)] = engine;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#engines.map((engine) => engine.close()));
  }

  #indexOf(address: string): number {
    return this.addresses.indexOf(address);
  }
}

/** Starts an engine for each scale: 1 is a fast GPU, 0.4 takes 2.5 times as long for everything. */
export async function startEngineFleet(scales: readonly number[]): Promise<EngineFleet> {
  return new EngineFleet(await Promise.all(scales.map((scale) => startOne(scale))), scales);
}

function startOne(scale: number, port = 0): Promise<EngineProcess> {
  return startEngineProcess({ models: MODELS, port, speed: { scale } });
}
