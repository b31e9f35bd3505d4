/**
 * An xDS server in plaintext whose state conformance programs set over gRPC (proto/adapter): the machine of the product,
 * all discovery services, both variants. Types do not wait for each other: such programs answer each on its own.
 *
 *   node test/support/adapter.ts --xds PORT --adapter PORT
 */
import { networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { freePort } from '../../src/app/demo/stack/free-port.ts';
import {
  AddResourceResponseSchema,
  clearStateRequestSchema,
  clearStateResponseSchema,
  RemoveResourceResponseSchema,
  ResourceRequestSchema,
  SetStateRequestSchema,
  SetStateResponseSchema,
  UpdateResourceResponseSchema,
} from '../../src/gen/adapter/adapter_pb.js';
import { discoveryMethods } from '../../src/io/grpc/discovery-methods.ts';
import { XdsCall } from '../../src/io/grpc/xds-call.ts';
import type { GrpcLimits } from '../../src/io/net/grpc-limits.ts';
import type { GrpcMethod } from '../../src/io/net/grpc-method.ts';
import { startGrpcServer } from '../../src/io/net/grpc-server.ts';
import type { ListenAddress } from '../../src/io/net/listen-address.ts';
import { unaryMethod } from '../../src/io/net/unary-method.ts';
import { AdapterCache } from './adapter-cache.ts';

const REQUEST_BYTES_MAX = 64 * 1024 * 1024;
/** A program may open all its streams on one connection, and keep it while it does something else. */
const LIMITS: Partial<GrpcLimits> = {
  callsPerConnectionMax: 10_000,
  messagesPerSecond: 100_000,
  idleConnectionMs: 3_600_000,
};

const { values } = parseArgs({ options: { xds: { type: 'string' }, adapter: { type: 'string' } } });
const ports = { xds: await portOf(values.xds), adapter: await portOf(values.adapter) };
const cache = new AdapterCache();
const xds = discoveryMethods(false).map(
  (variant): GrpcMethod => ({
    path: variant.path,
    requestBytesMax: REQUEST_BYTES_MAX,
    open: (call) => new XdsCall(call, variant, cache),
  }),
);
const servers = [
  await startGrpcServer({ listen: loopback(ports.xds), methods: xds, limits: LIMITS }),
  await startGrpcServer({ listen: loopback(ports.adapter), methods: adapterMethods(), limits: LIMITS }),
];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const server of servers) server.close();
  });
}
console.log(`ready: xds on port ${ports.xds}, adapter on port ${ports.adapter}`);

function adapterMethods(): GrpcMethod[] {
  return [
    unary('SetState', SetStateRequestSchema, SetStateResponseSchema, ({ node, version, resources }) => {
      cache.setState(node, version, resources);
      return { success: true };
    }),
    unary('ClearState', clearStateRequestSchema, clearStateResponseSchema, ({ node }) => {
      cache.clearState(node);
      return { response: 'cleared' };
    }),
    unary('AddResource', ResourceRequestSchema, AddResourceResponseSchema, (request) => {
      cache.addResource(request.node, request.typeUrl, request.resourceName, request.version);
      return { success: true };
    }),
    unary('UpdateResource', ResourceRequestSchema, UpdateResourceResponseSchema, (request) => ({
      success: cache.updateResource(request.node, request.typeUrl, request.resourceName, request.version),
    })),
    unary('RemoveResource', ResourceRequestSchema, RemoveResourceResponseSchema, (request) => ({
      success: cache.removeResource(request.node, request.typeUrl, request.resourceName, request.version),
    })),
  ];
}

/**
 * A program that speaks on a stream and then changes the state does so on two connections: what it said first may arrive
 * last. So a change waits until the streams were heard. It is on its way to them before the call is answered.
 */
const HEARD_MS = 50;

function unary<Request extends DescMessage, Response extends DescMessage>(
  name: string,
  request: Request,
  response: Response,
  answer: (request: MessageShape<Request>) => MessageInitShape<Response>,
): GrpcMethod {
  const path = `/adapter.Adapter/${name}`;
  const method = unaryMethod({ path, requestBytesMax: REQUEST_BYTES_MAX, request, response, answer });
  return {
    ...method,
    open(call) {
      const receiver = method.open(call);
      return { ...receiver, message: (bytes) => void setTimeout(() => receiver.message(bytes), HEARD_MS) };
    },
  };
}

function loopback(port: number): ListenAddress[] {
  const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
  return ['127.0.0.1', ...(hasIpv6 ? ['::1'] : [])].map((host) => ({ host, port }));
}

/** A port from the command line; 0 is any that is free now. */
function portOf(text: string | undefined): number | Promise<number> {
  const port = Number(text ?? Number.NaN);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    console.error('usage: node test/support/adapter.ts --xds PORT --adapter PORT');
    process.exit(2);
  }
  return port > 0 ? port : freePort();
}
