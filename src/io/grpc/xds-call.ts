import { understandsExpiry } from '../../core/xds/heartbeat.ts';
import type { XdsNode } from '../../core/xds/node.ts';
import { type StepMemory, sharedStep } from '../../core/xds/shared-step.ts';
import type { Snapshot } from '../../core/xds/snapshot.ts';
import type {
  Closing,
  Doubts,
  OpenStream,
  Reply,
  Report,
  StepResult,
  Stream,
  StreamEvent,
} from '../../core/xds/stream.ts';
import { doubtsOf } from '../../core/xds/stream-status.ts';
import { TYPE_URL } from '../../core/xds/type-url.ts';
import type { GrpcCall, GrpcReceiver } from '../net/grpc-method.ts';
import { GRPC_STATUS, type GrpcStatus } from '../net/grpc-reply.ts';
import type { PushQueue, QueuedCall } from './push-queue.ts';
import { responseFrames } from './response-frames.ts';
import type { Pushed } from './xds-events.ts';
import type { XdsVariant } from './xds-variant.ts';

/** What a call needs of the server. */
export interface CallHost {
  readonly controlPlane: string;
  /** Steps taken lately, by any call. */
  readonly steps: StepMemory;
  /** Whose turn it is to be written to. */
  readonly pushes: PushQueue;
  nowMs(): number;
  /** The call knows its node. The host may offer it a snapshot, or end it. */
  onNode(call: XdsCall, node: XdsNode): void;
  onReport(call: XdsCall, report: Report): void;
  /** Once, with what the proxy is left in doubt about. */
  onClosed(call: XdsCall, reason: string, doubts: Doubts): void;
}

/** One event for all calls, so that what follows is worked out once. */
const IDENTIFIED: StreamEvent = { kind: 'identified', expires: false };
const IDENTIFIED_WITH_EXPIRY: StreamEvent = { kind: 'identified', expires: true };

/** One xDS call: moves bytes between the socket and the machine, and keeps its timer. */
export class XdsCall implements GrpcReceiver, QueuedCall {
  readonly #call: GrpcCall;
  readonly #variant: XdsVariant;
  readonly #host: CallHost;
  readonly #onFlushed = () => this.#host.pushes.flushed(this);
  #stream: Stream;
  /** Offered, and not taken yet. */
  #offer: Snapshot | undefined;
  #wakeAtMs: number | undefined;
  /** When the timer goes off: at `#wakeAtMs` or before. */
  #timerAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #responses = 0;
  #resources = 0;
  #bytes = 0;

  constructor(call: GrpcCall, variant: XdsVariant, host: CallHost) {
    this.#call = call;
    this.#variant = variant;
    this.#host = host;
    this.#stream = variant.opening;
  }

  get peer(): string {
    return this.#call.peer;
  }

  get certificateNames(): string {
    return this.#call.certificateNames;
  }

  /** The machine's state, undefined once the call ended. */
  get state(): OpenStream | undefined {
    return this.#stream.kind === 'open' ? this.#stream : undefined;
  }

  /** All that was sent on this call. */
  get pushed(): Pushed {
    return { responses: this.#responses, resources: this.#resources, bytes: this.#bytes };
  }

  /** What earlier streams of the proxy left open; before the first snapshot. */
  resume(doubts: Doubts): void {
    if (doubts.size === 0) return;
    this.#take({ kind: 'resumed', doubts });
  }

  /** What it shall hold. The first snapshot is taken at once, later ones when it is the call's turn. */
  offer(snapshot: Snapshot): void {
    const before = this.state?.snapshot;
    this.#offer = snapshot;
    if (before === undefined) this.takeOffer();
    else this.#host.pushes.add(this, snapshot, isUrgent(before, snapshot));
  }

  /** The revision that it is offered, whether or not it was its turn yet. */
  get offered(): string | undefined {
    return this.#stream.kind === 'open' ? (this.#offer ?? this.#stream.snapshot)?.revision : undefined;
  }

  get isWriting(): boolean {
    return this.#call.isWriting;
  }

  takeOffer(): void {
    const snapshot = this.#offer;
    this.#offer = undefined;
    if (snapshot !== undefined) this.#take({ kind: 'snapshot', snapshot });
  }

  /** Nothing is offered any more: the stream is held, and its client keeps what it has. */
  withdraw(): void {
    this.#offer = undefined;
    this.#take({ kind: 'withdrawn' });
  }

  /** Ends the call with a status. A proxy that does not even take that is reset. */
  end(code: GrpcStatus, message: string): void {
    this.#call.end(code, message);
  }

  message(bytes: Uint8Array): void {
    let event: StreamEvent;
    let node: XdsNode | undefined;
    try {
      const read = this.#variant.read(bytes);
      event = read.event;
      if (this.#stream.kind === 'open' && !this.#stream.isIdentified) node = read.node();
    } catch {
      this.end(GRPC_STATUS.invalidArgument, 'the message is no discovery request');
      return;
    }
    if (node !== undefined && node.id !== '') {
      const expires = understandsExpiry(this.#variant.opening.channel, node);
      this.#take(expires ? IDENTIFIED_WITH_EXPIRY : IDENTIFIED);
      this.#host.onNode(this, node);
    }
    this.#take(event);
  }

  halfClosed(): void {
    this.end(GRPC_STATUS.ok, 'half-closed by the proxy');
  }

  closed(reason: string): void {
    clearTimeout(this.#timer);
    const doubts: Doubts = this.#stream.kind === 'open' ? doubtsOf(this.#stream) : new Map();
    this.#stream = { kind: 'closed' };
    this.#host.onClosed(this, reason, doubts);
  }

  #take(event: StreamEvent): void {
    if (this.#stream.kind === 'closed') return;
    this.#apply(sharedStep(this.#host.steps, this.#stream, event, this.#host.nowMs()));
  }

  #apply(result: StepResult): void {
    if (result.closing !== undefined) {
      this.end(STATUS[result.closing.code], result.closing.message);
      return;
    }
    this.#stream = result.stream;
    this.#wakeAt(result.wakeAtMs);
    if (result.replies.length > 0) this.#write(result.replies);
    for (const report of result.reports) this.#host.onReport(this, report);
  }

  #write(replies: readonly Reply[]): void {
    const { pieces, responses, resources, bytes } = responseFrames(
      replies,
      this.#variant.write,
      this.#host.controlPlane,
    );
    this.#responses += responses;
    this.#resources += resources;
    this.#bytes += bytes;
    this.#call.writeFrames(pieces, this.#onFlushed);
  }

  /** A timer that goes off too early costs less than one that is set anew at every step. */
  #wakeAt(wakeAtMs: number | undefined): void {
    this.#wakeAtMs = wakeAtMs;
    if (wakeAtMs === undefined || (this.#timer !== undefined && this.#timerAtMs <= wakeAtMs)) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = wakeAtMs;
    const delayMs = Math.max(0, Math.ceil(wakeAtMs - this.#host.nowMs()));
    this.#timer = setTimeout(() => this.#wake(), delayMs).unref();
  }

  #wake(): void {
    this.#timer = undefined;
    const isDue = this.#wakeAtMs !== undefined && this.#wakeAtMs <= this.#host.nowMs();
    if (isDue) this.#take({ kind: 'tick' });
    else this.#wakeAt(this.#wakeAtMs);
  }
}

/** Whether nothing changed but where requests go, and the keys for it. */
function isUrgent(before: Snapshot, after: Snapshot): boolean {
  for (const [typeUrl, type] of after.types) {
    const isSlow = typeUrl !== TYPE_URL.endpoints && typeUrl !== TYPE_URL.secret;
    if (isSlow && before.types.get(typeUrl) !== type) return false;
  }
  return true;
}

const STATUS: { readonly [code in Closing['code']]: GrpcStatus } = {
  'invalid-argument': GRPC_STATUS.invalidArgument,
  'resource-exhausted': GRPC_STATUS.resourceExhausted,
  unavailable: GRPC_STATUS.unavailable,
};
