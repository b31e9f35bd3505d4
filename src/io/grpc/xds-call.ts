import { constants } from 'node:http2';
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { XdsNode } from '../../core/xds/node.ts';
import type { Snapshot } from '../../core/xds/snapshot.ts';
import { step } from '../../core/xds/step.ts';
import {
  type Closing,
  type Doubts,
  NEW_STREAM,
  type OpenStream,
  type Report,
  type StepResult,
  type Stream,
  type StreamEvent,
} from '../../core/xds/stream.ts';
import { doubtsOf } from '../../core/xds/stream-status.ts';
import { decodeDeltaRequest, encodeReply } from './delta-wire.ts';
import type { Pushed } from './xds-events.ts';

export type GrpcCall = ServerDuplexStream<Buffer, Uint8Array>;

/** How long a stalled stream may take to deliver its status before it is reset. */
const STATUS_GRACE_MS = 1_000;

/** What a call needs of the server. */
export interface CallHost {
  readonly controlPlane: string;
  /** A stream whose oldest message was not taken for so long is closed. */
  readonly drainTimeoutMs: number;
  nowMs(): number;
  /** The call knows its node. The host may offer it a snapshot, or end it. */
  onNode(call: XdsCall, node: XdsNode): void;
  onReport(call: XdsCall, report: Report): void;
  /** Once, with what the proxy is left in doubt about. */
  onClosed(call: XdsCall, reason: string, doubts: Doubts): void;
}

/** One delta ADS call: moves bytes between the socket and the machine, and keeps its timers. */
export class XdsCall {
  readonly #call: GrpcCall;
  readonly #host: CallHost;
  #stream: Stream = NEW_STREAM;
  #unwritten = 0;
  #drainTimer: NodeJS.Timeout | undefined;
  #wakeTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #pushed: Pushed = { responses: 0, resources: 0, bytes: 0 };

  constructor(call: GrpcCall, host: CallHost) {
    this.#call = call;
    this.#host = host;
    call.on('data', (bytes: Buffer) => this.#receive(bytes));
    call.on('end', () => {
      this.#close('half-closed by the proxy');
      call.end();
    });
    call.on('cancelled', () => this.#close('cancelled by the proxy or connection lost'));
    call.on('close', () => this.#close('connection lost'));
    call.on('error', () => this.#close('failed'));
  }

  get peer(): string {
    return this.#call.getPeer();
  }

  /** The machine's state, undefined once the call ended. */
  get state(): OpenStream | undefined {
    return this.#stream.kind === 'open' ? this.#stream : undefined;
  }

  /** All that was sent on this call. */
  get pushed(): Pushed {
    return this.#pushed;
  }

  /** What earlier streams of the proxy left open; before the first snapshot. */
  resume(doubts: Doubts): void {
    this.#take({ kind: 'resumed', doubts });
  }

  offer(snapshot: Snapshot): void {
    this.#take({ kind: 'snapshot', snapshot });
  }

  /** Ends the call with a status. A proxy that does not even take that is reset. */
  end(code: status, message: string): void {
    if (this.#isClosed) return;
    this.#close(message);
    const reset = setTimeout(() => resetCall(this.#call), STATUS_GRACE_MS);
    reset.unref();
    this.#call.once('close', () => clearTimeout(reset));
    this.#call.emit('error', { code, details: message });
  }

  #receive(bytes: Buffer): void {
    let request: ReturnType<typeof decodeDeltaRequest>;
    try {
      request = decodeDeltaRequest(bytes);
    } catch {
      this.end(status.INVALID_ARGUMENT, 'the message is no DeltaDiscoveryRequest');
      return;
    }
    this.#take({ kind: 'request', request });
  }

  #take(event: StreamEvent): void {
    if (this.#isClosed) return;
    this.#apply(step(this.#stream, event, this.#host.nowMs()));
  }

  #apply(result: StepResult): void {
    if (result.closing !== undefined) {
      this.end(STATUS[result.closing.code], result.closing.message);
      return;
    }
    this.#stream = result.stream;
    this.#wakeAt(result.wakeAtMs);
    for (const reply of result.replies)
      this.#write(encodeReply(reply, this.#host.controlPlane), reply.resources.length);
    for (const report of result.reports) {
      if (report.kind === 'node-identified') this.#host.onNode(this, report.node);
      else this.#host.onReport(this, report);
    }
  }

  #write(bytes: Uint8Array, resources: number): void {
    const { pushed } = this;
    this.#pushed = {
      responses: pushed.responses + 1,
      resources: pushed.resources + resources,
      bytes: pushed.bytes + bytes.length,
    };
    this.#unwritten += 1;
    this.#drainTimer ??= this.#startDrainTimer();
    this.#call.write(bytes, () => {
      this.#unwritten -= 1;
      clearTimeout(this.#drainTimer);
      this.#drainTimer = this.#unwritten > 0 && !this.#isClosed ? this.#startDrainTimer() : undefined;
    });
  }

  #startDrainTimer(): NodeJS.Timeout {
    const message = 'the proxy does not read its configuration';
    return setTimeout(() => this.end(status.UNAVAILABLE, message), this.#host.drainTimeoutMs).unref();
  }

  #wakeAt(wakeAtMs: number | undefined): void {
    clearTimeout(this.#wakeTimer);
    this.#wakeTimer = undefined;
    if (wakeAtMs === undefined) return;
    const delayMs = Math.max(0, Math.ceil(wakeAtMs - this.#host.nowMs()));
    this.#wakeTimer = setTimeout(() => this.#take({ kind: 'tick' }), delayMs).unref();
  }

  #close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#drainTimer);
    clearTimeout(this.#wakeTimer);
    const doubts: Doubts = this.#stream.kind === 'open' ? doubtsOf(this.#stream) : new Map();
    this.#stream = { kind: 'closed' };
    this.#host.onClosed(this, reason, doubts);
  }
}

const STATUS: { readonly [code in Closing['code']]: status } = {
  'invalid-argument': status.INVALID_ARGUMENT,
  'resource-exhausted': status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
};

/**
 * Resets the HTTP/2 stream below a call. grpc-js has no call for it: a status waits behind unread messages, which a
 * proxy that has stopped reading never takes, and their memory would be held as long as the connection lives.
 */
function resetCall(call: GrpcCall): void {
  const below = (call as unknown as { call?: { stream?: { close?(code: number): void } } }).call?.stream;
  below?.close?.(constants.NGHTTP2_CANCEL);
}
