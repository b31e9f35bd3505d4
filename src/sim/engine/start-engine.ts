import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unreachable } from '../../core/base/assert.ts';
import type { CompletionEndpoint } from '../server/completion-endpoint.ts';
import { createFaultGate, setFault } from '../server/request-fault.ts';
import type { SeenRequest } from '../server/request-log.ts';
import { admitToEngine, answerEngineRequest, engineErrorBody } from './engine-api.ts';
import type { EngineFault } from './engine-fault.ts';
import { EngineLoop } from './engine-loop.ts';
import { type EngineOptions, type EngineSettings, engineSettings } from './engine-options.ts';
import { usedBlocks } from './kv-cache.ts';
import { metricsText } from './metrics-text.ts';

/** What an engine is doing now and has done since it started. */
export interface EngineStats {
  readonly running: number;
  readonly waiting: number;
  /** From 0 to 1. */
  readonly kvUsage: number;
  readonly promptTokens: number;
  readonly generationTokens: number;
  readonly prefixHitTokens: number;
  readonly finished: number;
  readonly aborted: number;
}

/** How long vLLM's HTTP server keeps an idle connection: 5 s, so a proxy that pools them longer meets a closed one. */
const KEEP_ALIVE_MS = 5_000;

/**
 * Starts a simulated vLLM engine: its OpenAI API, /health and /metrics over plain HTTP/1.1, with the time and the
 * queueing of a GPU. Resolves once it listens; rejects when the port is taken.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const engine = new Engine(engineSettings(options));
  await engine.restart();
  return engine;
}

/** A running simulated engine; whoever started it closes it. */
export class Engine {
  /** The last 1,024 completion requests, oldest first; they survive a restart. */
  readonly requests: SeenRequest[] = [];
  readonly #settings: EngineSettings;
  readonly #gate = createFaultGate();
  #server: Server | undefined;
  #loop: EngineLoop;
  #startedAtSeconds = 0;
  #metrics: { readonly kind: 'true' } | { readonly kind: 'zero' } | { readonly kind: 'stale'; readonly text: string } =
    {
      kind: 'true',
    };
  #slowFactor = 1;
  #port: number;

  constructor(settings: EngineSettings) {
    this.#settings = settings;
    this.#port = settings.port;
    this.#loop = this.#createLoop();
  }

  /** `ip:port`, the same after a restart. */
  get address(): string {
    return `${this.#settings.host}:${this.#port}`;
  }

  fault(fault: EngineFault): void {
    switch (fault.kind) {
      case 'slow':
        this.#setSlowFactor(fault.factor);
        return;
      case 'lie':
        this.#metrics = { kind: 'zero' };
        return;
      case 'stale-metrics':
        this.#metrics = { kind: 'stale', text: this.#metricsText() };
        return;
      case 'none':
        setFault(this.#gate, undefined);
        this.#setSlowFactor(1);
        this.#metrics = { kind: 'true' };
        return;
      case 'refuse':
      case 'status':
      case 'hang':
      case 'reset':
        setFault(this.#gate, fault, fault.count);
        return;
      default:
        unreachable(fault);
    }
  }

  stats(): EngineStats {
    const { batch, metrics } = this.#loop;
    return {
      running: batch.running.length,
      waiting: batch.waiting.length,
      kvUsage: usedBlocks(batch.cache) / batch.cache.blocks,
      promptTokens: metrics.promptTokens,
      generationTokens: metrics.generationTokens,
      prefixHitTokens: batch.totals.prefixHitTokens,
      finished: metrics.finished.stop + metrics.finished.length,
      aborted: metrics.finished.abort,
    };
  }

  /** Resolves once no sequence runs or waits. */
  whenIdle(): Promise<void> {
    return this.#loop.whenIdle();
  }

  /** As a killed process: every connection ends, the port refuses, all memory is lost. Resolves when it is so. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#loop.stop();
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** Starts (again) on the same port, with an empty queue and cache; faults stay in force. */
  async restart(): Promise<void> {
    await this.kill();
    this.#loop = this.#createLoop();
    this.#startedAtSeconds = Date.now() / 1_000;
    const api = {
      settings: this.#settings,
      endpoint: this.#endpoint(this.#loop),
      startedAtSeconds: this.#startedAtSeconds,
      metricsText: () => this.#metricsText(),
    };
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      void answerEngineRequest(api, request, response);
    });
    server.listen(this.#port, this.#settings.host);
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  close(): Promise<void> {
    return this.kill();
  }

  #createLoop(): EngineLoop {
    const { limits, speed, clock } = this.#settings;
    return new EngineLoop(limits, { ...speed, scale: speed.scale / this.#slowFactor }, clock);
  }

  #setSlowFactor(factor: number): void {
    this.#slowFactor = factor;
    const { speed } = this.#settings;
    this.#loop.batch.speed = { ...speed, scale: speed.scale / factor };
  }

  #endpoint(loop: EngineLoop): CompletionEndpoint {
    return {
      loop,
      gate: this.#gate,
      requests: this.requests,
      seed: this.#settings.seed,
      extra: {},
      authorize: () => undefined,
      admit: (request) => admitToEngine(this.#settings, request),
      errorBody: engineErrorBody,
    };
  }

  #metricsText(): string {
    if (this.#metrics.kind === 'stale') return this.#metrics.text;
    return metricsText({
      batch: this.#loop.batch,
      metrics: this.#loop.metrics,
      model: this.#settings.models[0],
      startedAtSeconds: this.#startedAtSeconds,
      nowSeconds: Date.now() / 1_000,
      gauges: this.#metrics.kind,
    });
  }
}
