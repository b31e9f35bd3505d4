import type { Origin } from './origin.ts';

/** The providers that headgate knows by type: a type brings the endpoint, the wire schema and the way to sign. */
export type ProviderType = 'openai' | 'groq' | 'openai-compatible';

/** An upstream account. */
export interface Provider {
  readonly name: string;
  readonly origin: Origin;
  readonly type: ProviderType;
  readonly endpoint: Endpoint;
  /** The header that carries the key, with what stands before the key in it. */
  readonly authentication: { readonly header: string; readonly prefix: string };
  /** A name from the boot settings; absent where the provider wants no key. */
  readonly secret?: string;
  /** A certificate authority by its name in the boot settings; absent for the system's own. */
  readonly authority?: string;
  readonly region?: string;
  /** How long the provider keeps what it is sent, as written (`zero`, `30d`). */
  readonly retention?: string;
}

export interface Endpoint {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** Starts with a slash and does not end with one; empty for none. It replaces the `/v1` of the client's path. */
  readonly basePath: string;
}

export type Engine = 'vllm' | 'sglang' | 'tgi' | 'tensorrt-llm';

/** Own GPU servers that serve the same models. */
export interface Pool {
  readonly name: string;
  readonly origin: Origin;
  readonly engine: Engine;
  readonly accelerator?: string;
  readonly region?: string;
  readonly endpoints: readonly PoolEndpoint[];
  /** How the load is read; absent when only our own ledger is used. */
  readonly scrape?: { readonly path: string; readonly intervalMs: number };
}

export interface PoolEndpoint {
  /** `ip:port`, IPv6 in brackets. */
  readonly address: string;
  readonly origin: Origin;
}

/** The Envoy cluster of a pool: requests go straight to its engines. */
export function poolCluster(pool: string): string {
  return `pool-${pool}`;
}

/** The Envoy cluster that stands for a provider in an attempt list: one hop through the internal listener. */
export function hopCluster(provider: string): string {
  return `hop-${provider}`;
}

/** The Envoy cluster of the provider itself, behind the hop: it holds the TLS settings and the key. */
export function providerCluster(provider: string): string {
  return `provider-${provider}`;
}
