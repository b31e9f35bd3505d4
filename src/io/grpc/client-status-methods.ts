import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { XdsNode } from '../../core/xds/node.ts';
import { type ResourceStatus, resourceStatuses } from '../../core/xds/resource-status.ts';
import type { OpenStream } from '../../core/xds/stream.ts';
import { TYPE_URL } from '../../core/xds/type-url.ts';
import {
  type ClientConfig_GenericXdsConfigSchema,
  ClientResourceStatus,
  type ClientStatusRequest,
  ClientStatusRequestSchema,
  ClientStatusResponseSchema,
  ConfigStatus,
} from '../../gen/beside_envoy/csds_pb.js';
import type { GrpcCall, GrpcMethod, GrpcReceiver } from '../net/grpc-method.ts';
import { GRPC_STATUS } from '../net/grpc-reply.ts';
import { nodeMatcher } from './node-matcher.ts';
import { toldNode } from './node-wire.ts';
import { StatusBudget } from './status-budget.ts';

const SERVICE = '/envoy.service.status.v3.ClientStatusDiscoveryService/';
/** Some hundred nodes by their names. */
const REQUEST_BYTES_MAX = 16 * 1024;
/** Bytes of a question that are matched with a node for one look. */
const LOOK_BYTES = 64;
/** A pattern that is too large took some milliseconds. */
const FAULT_LOOKS = 2_000;
/** What the answers that are on their way may weigh together; a request for less says which nodes it means, or leaves the contents out. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** A connected proxy, with all its streams. */
export interface StatusClient {
  readonly node: XdsNode;
  readonly streams: readonly OpenStream[];
}

/** The proxies that a caller may know of. */
export type StatusClients = (call: GrpcCall) => readonly StatusClient[];

/** CSDS (envoy.service.status.v3, row V1): what each connected proxy was sent, and what it said. Never a secret's value. */
export function clientStatusMethods(
  clients: StatusClients,
  nowMs: () => number = () => performance.now(),
): readonly GrpcMethod[] {
  const budget = new StatusBudget(nowMs);
  const unread = new Map<GrpcCall, number>();
  const method = (name: string, isStream: boolean): GrpcMethod => ({
    path: `${SERVICE}${name}`,
    requestBytesMax: REQUEST_BYTES_MAX,
    open: (call) => new StatusCall(call, { clients, budget, unread, isStream }),
  });
  return [method('FetchClientStatus', false), method('StreamClientStatus', true)];
}

interface StatusCallOptions {
  readonly clients: StatusClients;
  readonly budget: StatusBudget;
  /** Bytes of answers, by calls that have not taken them. */
  readonly unread: Map<GrpcCall, number>;
  readonly isStream: boolean;
}

class StatusCall implements GrpcReceiver {
  readonly #call: GrpcCall;
  readonly #options: StatusCallOptions;
  #isLast: boolean;

  constructor(call: GrpcCall, options: StatusCallOptions) {
    this.#call = call;
    this.#options = options;
    this.#isLast = !options.isStream;
  }

  message(bytes: Uint8Array): void {
    const { clients, budget, unread } = this.#options;
    // Answers are large: whoever asks on without reading, or asks many times at once, must not fill the memory.
    const room = ANSWER_BYTES_MAX - [...unread.values()].reduce((sum, size) => sum + size, 0);
    const parts = answerParts(bytes, { clients, budget, call: this.#call, room });
    if (parts === undefined) return;
    const answer = Buffer.concat(parts);
    unread.set(this.#call, (unread.get(this.#call) ?? 0) + answer.length);
    this.#call.write(answer, () => this.#flushed(answer.length));
  }

  halfClosed(): void {
    this.#isLast = true;
    if (!this.#options.unread.has(this.#call)) this.#call.end(GRPC_STATUS.ok);
  }

  closed(): void {
    this.#options.unread.delete(this.#call);
  }

  #flushed(size: number): void {
    const { unread } = this.#options;
    const left = (unread.get(this.#call) ?? 0) - size;
    if (left > 0) unread.set(this.#call, left);
    else unread.delete(this.#call);
    if (this.#isLast && left <= 0) this.#call.end(GRPC_STATUS.ok);
  }
}

interface Question {
  readonly clients: StatusClients;
  readonly budget: StatusBudget;
  readonly call: GrpcCall;
  /** What the answer may weigh now. */
  readonly room: number;
}

/** Undefined where the call was ended instead. */
function answerParts(bytes: Uint8Array, { clients, budget, call, room }: Question): readonly Uint8Array[] | undefined {
  // Also to find out who is connected takes time.
  if (!budget.take(1)) return tooMuch(call);
  const known = clients(call);
  if (!budget.take(known.length * Math.ceil((bytes.length + 1) / LOOK_BYTES))) return tooMuch(call);
  let request: ClientStatusRequest;
  let wanted: readonly StatusClient[];
  try {
    request = fromBinary(ClientStatusRequestSchema, bytes, { readUnknownFields: false });
    const matches = nodeMatcher(request.nodeMatchers);
    wanted = known.filter(({ node }) => matches(node));
  } catch {
    budget.take(FAULT_LOOKS);
    call.end(GRPC_STATUS.invalidArgument);
    return undefined;
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const { node, streams } of wanted) {
    const statuses = streams.flatMap(resourceStatuses);
    if (!budget.take(statuses.length)) return tooMuch(call);
    const genericXdsConfigs = statuses.map((status) => told(status, request.excludeResourceContents));
    const part = create(ClientStatusResponseSchema, { config: [{ node: toldNode(node), genericXdsConfigs }] });
    const encoded = toBinary(ClientStatusResponseSchema, part);
    size += encoded.length;
    if (size > room) return tooMuch(call);
    parts.push(encoded);
  }
  return parts;
}

function tooMuch(call: GrpcCall): undefined {
  const hint = 'use node_matchers or exclude_resource_contents, or ask when others have their answers';
  call.end(GRPC_STATUS.resourceExhausted, `too much at one time: ${hint}`);
}

function told(
  { typeUrl, name, status, resource, rejection }: ResourceStatus,
  withoutContents: boolean,
): MessageInitShape<typeof ClientConfig_GenericXdsConfigSchema> {
  const isShown = resource !== undefined && !withoutContents && typeUrl !== TYPE_URL.secret;
  const [configStatus, clientStatus] = STATUS[status];
  return {
    typeUrl,
    name,
    versionInfo: resource?.version ?? '',
    configStatus,
    clientStatus: resource === undefined ? ClientResourceStatus.CLIENT_DOES_NOT_EXIST : clientStatus,
    ...(isShown ? { xdsConfig: { typeUrl, value: resource.bytes } } : {}),
    ...(rejection === undefined
      ? {}
      : {
          errorState: {
            details: rejection.message,
            lastUpdateAttempt: timestampFromMs(Math.round(rejection.atMs)),
            versionInfo: resource?.version ?? '',
          },
        }),
  };
}

const STATUS: { readonly [status in ResourceStatus['status']]: readonly [ConfigStatus, ClientResourceStatus] } = {
  synced: [ConfigStatus.SYNCED, ClientResourceStatus.CLIENT_ACKED],
  stale: [ConfigStatus.STALE, ClientResourceStatus.CLIENT_REQUESTED],
  error: [ConfigStatus.ERROR, ClientResourceStatus.CLIENT_NACKED],
  'not-sent': [ConfigStatus.NOT_SENT, ClientResourceStatus.CLIENT_REQUESTED],
};
