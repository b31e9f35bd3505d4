import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { present } from '../../core/base/assert.ts';
import { PREFIX_BYTES } from '../../core/base/grpc-frame.ts';
import { TYPE_URL } from '../../core/xds/type-url.ts';
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from '../../gen/envoy/service/discovery/v3/discovery_pb.js';
import type { GrpcCall } from '../net/grpc-method.ts';
import { discoveryMethods } from './discovery-methods.ts';
import { FleetGroups } from './fleet-groups.ts';
import { ProxyRegistry } from './proxy-registry.ts';
import { XdsCall } from './xds-call.ts';

const COUNT = 300;
const names = Array.from({ length: COUNT }, (_, index) => `cluster-${index}`);

function publication(revision: string, kept: readonly string[]) {
  const resources = kept.map((name) => {
    const bytes = new TextEncoder().encode(`${name} ${name.endsWith('7') ? revision : ''}`);
    return { typeUrl: TYPE_URL.cluster, name, bytes };
  });
  return { revision, resources, secretNames: [] };
}

/** A server without a network that hands out messages in one buffer, and writes over it when the receiver is done. */
function serverLab(roomOf: (bytes: Uint8Array) => Uint8Array, afterwards: () => void) {
  const groups = new FleetGroups({
    secretResource: (name) => ({ typeUrl: TYPE_URL.secret, name, bytes: new Uint8Array(0) }),
    secretVersionKey: new Uint8Array(32),
  });
  const told: unknown[] = [];
  const registry = new ProxyRegistry({
    groups,
    controlPlane: 'test',
    placeNode: ({ cluster }) => ({ fleet: cluster }),
    authorize: () => undefined,
    onEvent: (event) => void told.push(event),
  });
  const variant = present(discoveryMethods()[0], 'delta on the aggregated service');
  const open = () => {
    const answers: DeltaDiscoveryResponse[] = [];
    const call: GrpcCall = {
      ...{ peer: '', headers: {}, certificateNames: '', isWriting: false },
      write: () => undefined,
      writeFrames: (pieces, onFlushed) => {
        answers.push(...responsesIn(Buffer.concat(pieces)));
        onFlushed?.();
      },
      end: (status, message) => void told.push({ status, message }),
      reset: () => undefined,
    };
    const receiver = new XdsCall(call, variant, registry);
    const say = (request: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): DeltaDiscoveryResponse[] => {
      const own = toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, request));
      receiver.message(roomOf(own));
      afterwards();
      return answers.splice(0);
    };
    return { receiver, say, answers };
  };
  return { groups, registry, told, open };
}

function responsesIn(frames: Buffer): DeltaDiscoveryResponse[] {
  const found: DeltaDiscoveryResponse[] = [];
  for (let at = 0; at < frames.length; ) {
    const end = at + PREFIX_BYTES + frames.readUInt32BE(at + 1);
    found.push(fromBinary(DeltaDiscoveryResponseSchema, new Uint8Array(frames.subarray(at + PREFIX_BYTES, end))));
    at = end;
  }
  return found;
}

type Lab = ReturnType<typeof serverLab>;

const typeUrl = TYPE_URL.cluster;

/** Proxies that connect, come back with what they hold, as it stands and not, refuse, and are told of a change. */
function story({ groups, registry, told, open }: Lab): unknown {
  groups.publish('edge', publication('r1', names));
  const node = (id: string) => ({ id, cluster: 'edge', metadata: { ring: id } });
  const first = open();
  const [sent] = first.say({ node: node('a'), typeUrl });
  first.say({ typeUrl, responseNonce: sent?.nonce ?? '' });
  const held = Object.fromEntries((sent?.resources ?? []).map(({ name, version }) => [name, version]));
  const older = { ...held, 'cluster-1': 'older', gone: 'v' };
  const again = (id: string, initialResourceVersions: Record<string, string>, subscribed: readonly string[]) => {
    const resourceNamesSubscribe = [...subscribed];
    return { node: node(id), typeUrl, initialResourceVersions, resourceNamesSubscribe };
  };
  // Nodes of different length, so that what follows them stands elsewhere; and requests alike in length and end.
  const calls = ['1', '22', '333', '4444'].flatMap((round) => [
    { call: open(), request: again(`current-${round}`, held, []) },
    { call: open(), request: again(`older-${round}`, older, []) },
    { call: open(), request: again(`named-${round}`, held, names) },
    { call: open(), request: again(`some-${round}`, older, names.slice(0, 50 + round.length)) },
    { call: open(), request: again(`few-${round[0]}`, {}, [`cluster-${round[0]}`, 'cluster-100', 'cluster-101']) },
    { call: open(), request: again(`many-${round[0]}`, {}, [`cluster-${round[0]}`, ...names.slice(100)]) },
  ]);
  const answers = calls.map(({ call, request }) => call.say(request));
  const refusal = { message: 'no such thing', code: 13, details: [] };
  const acknowledged = calls.map(({ call }, index) =>
    (answers[index] ?? []).map(({ nonce }) =>
      call.say({ typeUrl, responseNonce: nonce, ...(index === 1 ? { errorDetail: refusal } : {}) }),
    ),
  );
  groups.publish('edge', publication('r2', names.slice(0, -3)));
  const pushed = calls.map(({ call }) => call.answers.splice(0));
  const clients = registry.clients().map(({ node: { id, metadata }, streams }) => {
    const types = streams.map((stream) => [...stream.types].map(([type, { subscription }]) => [type, subscription]));
    return [id, metadata, types];
  });
  for (const { call } of [{ call: first }, ...calls]) call.receiver.closed('ended');
  return { answers, acknowledged, pushed, clients, told, statuses: registry.status() };
}

test('nothing of a request outlives its message, as all large ones stand in one buffer', () => {
  const room = new Uint8Array(1024 * 1024);
  const borrowing = serverLab(
    (bytes) => {
      room.set(bytes);
      return room.subarray(0, bytes.length);
    },
    () => void room.fill(0x2a),
  );
  const owning = serverLab(
    (bytes) => bytes,
    () => undefined,
  );
  const borrowed = story(borrowing);
  expect(borrowed).toEqual(story(owning));
});
