import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../certificates.ts';
import { machineClock } from '../clock.ts';
import { EngineLoop } from '../engine/engine-loop.ts';
import type { Speed } from '../engine/speed.ts';
import { createFaultGate, type RequestFault, setFault } from '../server/request-fault.ts';
import type { SeenRequest } from '../server/request-log.ts';
import {
  admitToProvider,
  answerProviderRequest,
  authorizeByKey,
  type ProviderApi,
  providerErrorBody,
} from './provider-api.ts';

export interface ProviderOptions {
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** The port to listen on; any free one by default. */
  readonly port?: number;
  readonly certificate: Certificate;
  /** The API key that a client must send. */
  readonly key: string;
  readonly models: readonly [string, ...string[]];
  /** What the paths of the API begin with; `/v1` by default. */
  readonly basePath?: string;
  readonly speed?: Partial<Speed>;
  /** Providers of one seed give one answer to one prompt; 1 by default. */
  readonly seed?: number;
}

/** A fault of the next `count` completions, of all without one; `none` ends it. */
export type ProviderFault = (RequestFault & { readonly count?: number }) | { readonly kind: 'none' };

/** A provider is a fleet: it never queues, as far as anybody here could fill it. */
const LIMITS = { blockTokens: 16, blocks: 1_000_000, sequencesMax: 10_000, stepTokensMax: 1_000_000, adaptersMax: 1 };
const DEFAULT_SPEED: Speed = { prefillTokensPerSecond: 100_000, decodeTokensPerSecond: 200, scale: 1 };

/** Starts a simulated OpenAI: HTTP/1.1 behind TLS, an API key, a list of models. Rejects when the port is taken. */
export async function startProvider(options: ProviderOptions): Promise<Provider> {
  const provider = new Provider(options);
  await provider.listen(options.port ?? 0);
  return provider;
}

/** A running simulated provider; whoever started it closes it. */
export class Provider {
  /** The last 1,024 chat requests, oldest first. */
  readonly requests: SeenRequest[] = [];
  readonly #host: string;
  readonly #gate = createFaultGate();
  readonly #loop: EngineLoop;
  readonly #server: Server;
  #port = 0;

  constructor(options: ProviderOptions) {
    this.#host = options.host ?? '127.0.0.1';
    this.#loop = new EngineLoop(LIMITS, { ...DEFAULT_SPEED, ...options.speed }, machineClock);
    const api: ProviderApi = {
      models: options.models,
      basePath: options.basePath ?? '/v1',
      endpoint: {
        loop: this.#loop,
        gate: this.#gate,
        requests: this.requests,
        seed: options.seed ?? 1,
        extra: { service_tier: 'default', system_fingerprint: 'fp_simulator' },
        authorize: (request) => authorizeByKey(options.key, request),
        admit: (request) => admitToProvider(options.models, request),
        errorBody: providerErrorBody,
      },
    };
    const { certificatePem, privateKeyPem } = options.certificate;
    const tls = { cert: certificatePem, key: privateKeyPem, minVersion: 'TLSv1.2' as const };
    this.#server = createServer({ ...tls, ALPNProtocols: ['http/1.1'] }, (request, response) => {
      void answerProviderRequest(api, request, response);
    });
  }

  /** `ip:port`. */
  get address(): string {
    return `${this.#host}:${this.#port}`;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, this.#host);
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  fault(fault: ProviderFault): void {
    if (fault.kind === 'none') setFault(this.#gate, undefined);
    else setFault(this.#gate, fault, fault.count);
  }

  /** Resolves once no request is being answered. */
  whenIdle(): Promise<void> {
    return this.#loop.whenIdle();
  }

  /** Ends every connection and stops listening. */
  async close(): Promise<void> {
    this.#loop.stop();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
