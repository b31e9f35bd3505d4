import type { Denial } from '../decide/guard.ts';
import type { FiredRule } from '../decide/record.ts';
import type { Decided } from './exchange.ts';

/** An answer that passes through us, since a guardrail judges it. */
export interface AnswerWatch {
  readonly kind: 'stream' | 'plain';
  readonly fired: readonly FiredRule[];
  readonly blocked?: Denial;
}

export interface WatchedPiece {
  readonly watch: AnswerWatch;
  /** What may leave now. */
  readonly emit: Uint8Array;
  /** Nothing leaves after it. */
  readonly ended: boolean;
  readonly blocked?: Denial;
}

export function openWatch(_exchange: Decided, _contentType: string): AnswerWatch | undefined {
  return undefined;
}

export function watchPiece(watch: AnswerWatch, bytes: Uint8Array, end: boolean, _nowMs: number): WatchedPiece {
  return { watch, emit: bytes, ended: end };
}
