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
import type { GrpcCall, GrpcMethod } from '../net/grpc-method.ts';
import { GRPC_STATUS } from '../net/grpc-reply.ts';
import { matchesNode } from './node-matcher.ts';
import { toldNode } from './node-wire.ts';

const SERVICE = '/envoy.service.status.v3.ClientStatusDiscoveryService/';
const REQUEST_BYTES_MAX = 1024 * 1024;
/** What one answer may weigh; a request for less says which nodes it means, or leaves the contents out. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** A connected proxy, with all its streams. */
export interface StatusClient {
  readonly node: XdsNode;
  readonly streams: readonly OpenStream[];
}

/** The proxies that a caller may know of. */
export type StatusClients = (call: GrpcCall) => readonly StatusClient[];

/** CSDS (envoy.service.status.v3, row V1): what each connected proxy was sent, and what it said. Never a secret's value. */
export function clientStatusMethods(clients: StatusClients): readonly GrpcMethod[] {
  return [
    method('FetchClientStatus', (call) => ({
      message: (bytes) => {
        if (answer(bytes, clients, call)) call.end(GRPC_STATUS.ok);
      },
      halfClosed: () => undefined,
    })),
    method('StreamClientStatus', (call) => ({
      message: (bytes) => void answer(bytes, clients, call),
      halfClosed: () => call.end(GRPC_STATUS.ok),
    })),
  ];
}

function method(
  name: string,
  open: (call: GrpcCall) => { message(bytes: Uint8Array): void; halfClosed(): void },
): GrpcMethod {
  return {
    path: `${SERVICE}${name}`,
    requestBytesMax: REQUEST_BYTES_MAX,
    open: (call) => ({ ...open(call), closed: () => undefined }),
  };
}

/** False where the call was ended instead. */
function answer(bytes: Uint8Array, clients: StatusClients, call: GrpcCall): boolean {
  let request: ClientStatusRequest;
  let wanted: readonly StatusClient[];
  try {
    request = fromBinary(ClientStatusRequestSchema, bytes, { readUnknownFields: false });
    wanted = clients(call).filter(({ node }) => matchesNode(request.nodeMatchers, node));
  } catch {
    call.end(GRPC_STATUS.invalidArgument);
    return false;
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const { node, streams } of wanted) {
    const genericXdsConfigs = streams.flatMap((stream) =>
      resourceStatuses(stream).map((status) => told(status, request.excludeResourceContents)),
    );
    const part = create(ClientStatusResponseSchema, { config: [{ node: toldNode(node), genericXdsConfigs }] });
    const encoded = toBinary(ClientStatusResponseSchema, part);
    size += encoded.length;
    if (size > ANSWER_BYTES_MAX) {
      call.end(
        GRPC_STATUS.resourceExhausted,
        'too much for one answer: use node_matchers or exclude_resource_contents',
      );
      return false;
    }
    parts.push(encoded);
  }
  call.write(Buffer.concat(parts));
  return true;
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
