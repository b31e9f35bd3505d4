import { type Clock, machineClock } from '../clock.ts';
import { type BatchLimits, contextTokensMax } from './batch.ts';
import { DEFAULT_SPEED, type Speed } from './speed.ts';

export interface EngineOptions {
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string;
  /** The port to listen on; any free one by default. */
  readonly port?: number;
  /** The names that the model is served under: the first is its own, the others are aliases. */
  readonly models: readonly [string, ...string[]];
  /** Names of LoRA adapters over the model; none by default. */
  readonly adapters?: readonly string[];
  /** Adapters that may run at a time; 4 by default. */
  readonly adaptersMax?: number;
  readonly speed?: Partial<Speed>;
  /** KV memory; 8,192 blocks of 16 tokens by default. */
  readonly kv?: { readonly blockTokens: number; readonly blocks: number };
  /** The longest prompt and answer; by default, and at most, what the KV memory holds. */
  readonly contextTokensMax?: number;
  /** Sequences that may run at a time; 128 by default. */
  readonly sequencesMax?: number;
  /** Engines of one seed give one answer to one prompt; 1 by default. */
  readonly seed?: number;
}

/** Options with every default filled in. */
export interface EngineSettings {
  readonly host: string;
  readonly port: number;
  readonly models: readonly [string, ...string[]];
  readonly adapters: readonly string[];
  readonly speed: Speed;
  readonly limits: BatchLimits;
  readonly contextTokensMax: number;
  readonly seed: number;
  readonly clock: Clock;
}

/** vLLM's `max_num_batched_tokens` of an online server. */
const STEP_TOKENS_MAX = 2_048;

export function engineSettings(options: EngineOptions): EngineSettings {
  const limits: BatchLimits = {
    blockTokens: options.kv?.blockTokens ?? 16,
    blocks: options.kv?.blocks ?? 8_192,
    sequencesMax: options.sequencesMax ?? 128,
    stepTokensMax: STEP_TOKENS_MAX,
    adaptersMax: options.adaptersMax ?? 4,
  };
  return {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    models: options.models,
    adapters: options.adapters ?? [],
    speed: { ...DEFAULT_SPEED, ...options.speed },
    limits,
    contextTokensMax: Math.min(options.contextTokensMax ?? Number.POSITIVE_INFINITY, contextTokensMax(limits)),
    seed: options.seed ?? 1,
    clock: machineClock,
  };
}
