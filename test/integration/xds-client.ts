import { connect } from 'node:http2';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  type ServiceError,
} from '@grpc/grpc-js';
import type { NodeSchema } from '../../src/gen/envoy/config/core/v3/base_pb.js';
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from '../../src/gen/envoy/service/discovery/v3/discovery_pb.js';

const METHOD = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';

export type RequestFields = Partial<Omit<DeltaDiscoveryRequest, '$typeName' | 'node' | 'errorDetail'>> & {
  readonly node?: MessageInitShape<typeof NodeSchema>;
  readonly errorDetail?: { readonly code: number; readonly message: string };
};

/** A scripted delta ADS client over a real socket. */
export class XdsClient {
  readonly #client: Client;
  readonly #call: ClientDuplexStream<Buffer, Buffer>;
  readonly #arrived: DeltaDiscoveryResponse[] = [];
  readonly #waiting: ((response: DeltaDiscoveryResponse) => void)[] = [];
  readonly ended: Promise<ServiceError>;

  constructor(target: string, channel: ChannelCredentials = credentials.createInsecure()) {
    // A connection of its own, as each proxy has.
    this.#client = new Client(target, channel, { 'grpc.use_local_subchannel_pool': 1 });
    const pass = (bytes: Buffer) => bytes;
    this.#call = this.#client.makeBidiStreamRequest(METHOD, pass, pass);
    this.ended = new Promise((resolve) => this.#call.on('error', resolve));
    this.#call.on('data', (bytes: Buffer) => {
      const response = fromBinary(DeltaDiscoveryResponseSchema, bytes);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#arrived.push(response);
      else waiting(response);
    });
  }

  send(fields: RequestFields): void {
    const request = create(DeltaDiscoveryRequestSchema, fields as never);
    this.sendBytes(toBinary(DeltaDiscoveryRequestSchema, request));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#call.write(Buffer.from(bytes));
  }

  next(): Promise<DeltaDiscoveryResponse> {
    const arrived = this.#arrived.shift();
    if (arrived !== undefined) return Promise.resolve(arrived);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next response, acknowledged, in short. */
  async accept(): Promise<{ typeUrl: string; names: string[]; removed: string[]; revision: string }> {
    const response = await this.next();
    this.send({ typeUrl: response.typeUrl, responseNonce: response.nonce });
    return {
      typeUrl: response.typeUrl,
      names: response.resources.map((resource) => resource.name),
      removed: response.removedResources,
      revision: response.systemVersionInfo,
    };
  }

  endWriting(): void {
    this.#call.end();
  }

  close(): void {
    this.#call.cancel();
    this.#client.close();
  }
}

/** Opens the call and never reads: the server's bytes stay in its hands once the HTTP/2 window is full. */
export function connectWithoutReading(
  target: string,
  fields: RequestFields,
): { readonly reset: Promise<number>; close(): void } {
  const session = connect(`http://${target}`);
  const request = session.request({
    ':method': 'POST',
    ':path': METHOD,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  request.pause();
  const message = toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, fields as never));
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  request.write(frame);
  const reset = new Promise<number>((resolve) => {
    request.once('error', () => resolve(request.rstCode));
    request.once('close', () => resolve(request.rstCode));
  });
  return { reset, close: () => session.destroy() };
}
