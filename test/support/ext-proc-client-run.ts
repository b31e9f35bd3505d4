import type { CommonResponse } from '../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import type { FilterConfig, Phase } from './ext-proc-client-filter.ts';
import { type Headers, headerOf } from './ext-proc-client-headers.ts';
import type { Beside, Payload } from './ext-proc-client-messages.ts';
import type { AbortPoint, ClientResponse, ExchangePlan } from './ext-proc-client-plan.ts';
import { commonOf } from './ext-proc-client-reply.ts';
import { CLOSED_OK, type FilterStream } from './ext-proc-client-stream.ts';

/** One exchange under way. */
export interface Run {
  readonly stream: FilterStream;
  readonly filter: FilterConfig;
  readonly plan: ExchangePlan;
  /** What the client got so far. */
  response: ClientResponse | undefined;
}

/** Leaves the exchange where the plan says that the client goes away. */
export class Aborted extends Error {}

export function abortAt(run: Run, point: AbortPoint): void {
  if (run.plan.abort?.at === point) throw new Aborted();
}

export interface Step {
  readonly phase: Phase;
  readonly payload: Payload;
  readonly beside: Beside;
  /** Where a client that goes away leaves this message without taking its reply. */
  readonly abortPoint?: AbortPoint;
}

/** Sends a message, and gives what its one reply says. */
export async function decide(run: Run, step: Step): Promise<CommonResponse | undefined | typeof CLOSED_OK> {
  if (step.abortPoint !== undefined && run.plan.abort?.at === step.abortPoint) {
    run.stream.post(step.payload, step.beside);
    abortAt(run, step.abortPoint);
  }
  const reply = await run.stream.ask(step.phase, step.payload, step.beside);
  return reply === CLOSED_OK ? CLOSED_OK : commonOf(reply, step.phase);
}

const utf8 = new TextEncoder();
const text = new TextDecoder();

export function bytesOf(chunk: Uint8Array | string): Uint8Array {
  return typeof chunk === 'string' ? utf8.encode(chunk) : chunk;
}

export function clientResponse(headers: Headers, body: Uint8Array, isComplete: boolean): ClientResponse {
  const status = Number(headerOf(headers, ':status'));
  return { status, headers: headers.filter(([name]) => name !== ':status'), body: text.decode(body), isComplete };
}
