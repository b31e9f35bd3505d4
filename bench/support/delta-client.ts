import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { create, toBinary } from '@bufbuild/protobuf';
import { DeltaDiscoveryRequestSchema } from '../../src/gen/envoy/service/discovery/v3/discovery_pb.js';

/** A type and the names that are asked for; none for all of them. */
export interface Subscription {
  readonly typeUrl: string;
  readonly names: readonly string[];
}

export interface DeltaClientOptions {
  /** Where headgate serves xDS on loopback. */
  readonly port: number;
  readonly nodeId: string;
  readonly cluster: string;
  readonly subscriptions: readonly Subscription[];
  readonly onFailure: (cause: Error) => void;
}

const PATH = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
const PREFIX_BYTES = 5;

/**
 * One proxy as far as xDS sees it: one connection, one delta stream, and an acknowledgement at once for whatever
 * comes. It reads of a response its type and nonce alone, so that a thousand of them cost a bench little.
 */
export class DeltaClient {
  readonly connected: Promise<unknown>;
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  #pending: Buffer = Buffer.alloc(0);

  constructor({ port, nodeId, cluster, subscriptions, onFailure }: DeltaClientOptions) {
    this.#session = connect(`http://127.0.0.1:${port}`);
    this.#session.on('error', onFailure);
    this.connected = once(this.#session, 'connect');
    this.#stream = this.#session.request({
      ':method': 'POST',
      ':path': PATH,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    this.#stream.on('error', onFailure);
    this.#stream.on('data', (chunk: Buffer) => this.#take(chunk));
    const version = { majorNumber: 1, minorNumber: 40, patch: 0 };
    for (const { typeUrl, names } of subscriptions) {
      const request = create(DeltaDiscoveryRequestSchema, {
        typeUrl,
        resourceNamesSubscribe: [...names],
        node: {
          id: nodeId,
          cluster,
          userAgentName: 'envoy',
          userAgentVersionType: { case: 'userAgentBuildVersion', value: { version } },
        },
      });
      this.#send(toBinary(DeltaDiscoveryRequestSchema, request));
    }
  }

  #send(message: Uint8Array): void {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(message.length, 1);
    this.#stream.write(Buffer.concat([prefix, message]));
  }

  #take(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.#pending.readUInt32BE(1);
      if (this.#pending.length < end) return;
      this.#send(acknowledgementOf(this.#pending.subarray(PREFIX_BYTES, end)));
      this.#pending = this.#pending.subarray(end);
    }
  }
}

/** Fields of DeltaDiscoveryResponse and, under them, where the same stands in DeltaDiscoveryRequest. */
const TYPE_URL = { from: 4, to: 2 };
const NONCE = { from: 5, to: 6 };
/** Wire type 2: a length and so many bytes. */
const LENGTH_DELIMITED = 2;

/** All fields of the response are of the one wire type, and a field is copied by its bytes. */
function acknowledgementOf(response: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at < response.length) {
    const [tag, afterTag] = varint(response, at);
    const [length, start] = varint(response, afterTag);
    const field = [TYPE_URL, NONCE].find(({ from }) => from === tag >> 3);
    if (field !== undefined) {
      parts.push(Buffer.from([(field.to << 3) | LENGTH_DELIMITED]), response.subarray(afterTag, start + length));
    }
    at = start + length;
  }
  return Buffer.concat(parts);
}

function varint(bytes: Buffer, start: number): [value: number, end: number] {
  let value = 0;
  let at = start;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at] ?? 0;
    at += 1;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, at];
  }
}
