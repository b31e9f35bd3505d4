import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import {
  ClientStatusRequestSchema,
  type ClientStatusResponse,
  ClientStatusResponseSchema,
} from '../../src/gen/beside_envoy/csds_pb.js';

const SERVICE = '/envoy.service.status.v3.ClientStatusDiscoveryService/';
const pass = (bytes: Buffer) => bytes;

type Request = MessageInitShape<typeof ClientStatusRequestSchema>;

/** CSDS, one question and one answer. */
export async function fetchStatus(target: string, request: Request): Promise<ClientStatusResponse> {
  const client = new Client(target, credentials.createInsecure());
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(`${SERVICE}FetchClientStatus`, pass, pass, encoded(request), (error, answer) =>
      error === null && answer !== undefined ? resolve(answer) : reject(error),
    );
  }).finally(() => client.close());
  return fromBinary(ClientStatusResponseSchema, bytes);
}

/** CSDS on a stream: an answer for each question. */
export async function streamStatus(target: string, requests: readonly Request[]): Promise<ClientStatusResponse[]> {
  const client = new Client(target, credentials.createInsecure());
  const call = client.makeBidiStreamRequest(`${SERVICE}StreamClientStatus`, pass, pass);
  for (const request of requests) call.write(encoded(request));
  call.end();
  const answers: ClientStatusResponse[] = [];
  for await (const bytes of call) answers.push(fromBinary(ClientStatusResponseSchema, bytes as Buffer));
  client.close();
  return answers;
}

function encoded(request: Request): Buffer {
  return Buffer.from(toBinary(ClientStatusRequestSchema, create(ClientStatusRequestSchema, request)));
}
