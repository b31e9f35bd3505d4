import { fromBinary, type JsonObject } from '@bufbuild/protobuf';
import {
  type ProcessingResponse,
  ProcessingResponseSchema,
} from '../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import { CANCEL, type Call, type CallEnd } from './ext-proc-client-call.ts';
import { type FilterConfig, type Modes, overriddenModes, type Phase } from './ext-proc-client-filter.ts';
import { type Beside, envoyMessage, type Payload } from './ext-proc-client-messages.ts';
import { refuse } from './ext-proc-client-refusal.ts';

/** The server ended its side with status OK: Envoy goes on without it. */
export const CLOSED_OK = Symbol('the server closed the stream with OK');

/** The server ended the stream with an error, or the connection is gone. */
export class StreamFailed extends Error {
  override readonly name = 'StreamFailed';
}

/** The filter's side of one stream: sends messages, and takes replies by Envoy's rules. */
export class FilterStream {
  readonly #call: Call;
  readonly #filter: FilterConfig;
  readonly #replyMs: number;
  #isFirst = true;
  modes: Modes;
  readonly metadata: { [namespace: string]: JsonObject } = {};
  readonly replies: ProcessingResponse[] = [];

  constructor(call: Call, filter: FilterConfig, replyMs: number) {
    this.#call = call;
    this.#filter = filter;
    this.#replyMs = replyMs;
    this.modes = filter.modes;
  }

  /** Sends a message for which no reply is awaited here. */
  post(payload: Payload, beside: Beside): void {
    const first = this.#isFirst ? { modes: this.modes } : {};
    this.#isFirst = false;
    this.#call.send(envoyMessage(payload, { ...beside, ...first }));
  }

  /** Sends a message and takes its one reply. */
  ask(phase: Phase, payload: Payload, beside: Beside): Promise<ProcessingResponse | typeof CLOSED_OK> {
    if (this.#call.waiting() > 0) refuse('reply-without-message', `before ${payload.kind}`);
    if (this.#call.isEnded()) return this.#closed();
    this.post(payload, beside);
    return this.take(phase);
  }

  /** Takes the next reply; `phase` says where in the exchange it counts. */
  async take(phase: Phase): Promise<ProcessingResponse | typeof CLOSED_OK> {
    const bytes = await this.#next();
    if (bytes === undefined) return this.#closed();
    const reply = fromBinary(ProcessingResponseSchema, bytes);
    this.replies.push(reply);
    this.#checkCommon(reply);
    this.modes = overriddenModes(this.modes, this.#filter, phase, reply);
    for (const [namespace, values] of Object.entries(reply.dynamicMetadata ?? {})) {
      if (!this.#filter.receivingNamespaces.includes(namespace)) refuse('unknown-metadata-namespace', namespace);
      this.metadata[namespace] = { ...this.metadata[namespace], ...(values as JsonObject) };
    }
    return reply;
  }

  /** Ends Envoy's side as after a whole request; whatever the server still says is one reply too many. */
  async halfClose(): Promise<CallEnd> {
    this.#call.stream.end();
    const end = await this.#call.ended;
    if (this.#call.waiting() > 0) refuse('reply-without-message', 'after the end of the exchange');
    return end;
  }

  abort(how: 'reset' | 'half-close' | 'disconnect'): Promise<CallEnd> {
    if (how === 'half-close') this.#call.stream.end();
    else if (how === 'reset') this.#call.stream.close(CANCEL);
    else this.#call.stream.session?.destroy();
    return this.#call.ended;
  }

  async #next(): Promise<Uint8Array | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, this.#replyMs, 'late');
    });
    const bytes = await Promise.race([this.#call.next(), late]);
    clearTimeout(timer);
    return bytes === 'late' ? refuse('no-reply-in-time') : bytes;
  }

  async #closed(): Promise<typeof CLOSED_OK> {
    const { status, rstCode } = await this.#call.ended;
    if (status !== 0) throw new StreamFailed(`grpc-status ${status}, reset ${rstCode}`);
    return CLOSED_OK;
  }

  #checkCommon(reply: ProcessingResponse): void {
    if (reply.response.case === undefined) refuse('empty-reply');
    if (reply.response.case === 'streamedImmediateResponse') refuse('unsupported-field', reply.response.case);
    if (Object.keys(reply.typedDynamicMetadata).length > 0) refuse('unsupported-field', 'typed_dynamic_metadata');
    if (reply.overrideMessageTimeout !== undefined) refuse('unsupported-field', 'override_message_timeout');
    if (reply.$unknown?.length) refuse('unsupported-field', String(reply.$unknown.map((field) => field.no)));
  }
}
