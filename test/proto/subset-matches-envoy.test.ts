import { create, createFileRegistry, createRegistry, type Registry } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { byCodeUnit } from '../../src/core/base/text-order.ts';
import { files } from '../../src/gen/registry.js';
import { readDescriptors } from '../../src/io/envoy/read-descriptors.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { deprecatedMembers, typeFacts } from './type-facts.ts';

/** Proto3 wants a value zero; Envoy has none to give but this one. */
const UNAVOIDABLE = ['envoy.config.core.v3.ApiConfigSource.ApiType.DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE'];

/** Packages of our own, and what Envoy's binary does not speak itself. */
const WRITTEN_BY_HAND = ['adapter.', 'envoy.service.status.v3.', 'headgate.'];

const subset = createRegistry(...files);
const ours = [...subset]
  .map((type) => type.typeName)
  .filter((name) => !WRITTEN_BY_HAND.some((start) => name.startsWith(start)))
  .sort(byCodeUnit);

describeWithTool('envoy', 'our part of the Envoy API', (envoy) => {
  const binary = envoy === '' ? createRegistry() : readDescriptors(envoy);

  test('the binary gives the whole API, 556 files in 1.40.0', () => {
    expect([...readDescriptors(envoy).files].length).toBeGreaterThan(550);
  });

  test('every member of every type is as the binary declares it', () => {
    const differences = ours.flatMap((typeName) => {
      const theirs = new Set(typeFacts(binary, typeName));
      return typeFacts(subset, typeName)
        .filter((fact) => !theirs.has(fact))
        .map((fact) => `${typeName}: ${fact}`);
    });
    expect(differences).toEqual([]);
  });

  test('no member is deprecated in the binary', () => {
    const deprecated = ours.flatMap((typeName) => {
      const gone = deprecatedMembers(binary, typeName);
      return memberNames(typeName)
        .filter((name) => gone.includes(name))
        .map((name) => `${typeName}.${name}`);
    });
    expect(deprecated).toEqual(UNAVOIDABLE);
  });

  test('a wrong number, type or name, a missing oneof and a dropped repeated are all seen', () => {
    expect(typeFacts(wrongEndpoint(), 'envoy.config.endpoint.v3.LbEndpoint')).toEqual([
      '2 envoy.config.endpoint.v3.Endpoint endpoint (endpoint)',
      '3 STRING health (health)',
    ]);
    expect(typeFacts(subset, 'envoy.config.endpoint.v3.LbEndpoint')).toEqual([
      '1 envoy.config.endpoint.v3.Endpoint endpoint (endpoint) of host_identifier',
      '2 envoy.config.core.v3.HealthStatus health_status (healthStatus)',
      '3 envoy.config.core.v3.Metadata metadata (metadata)',
      '4 google.protobuf.UInt32Value load_balancing_weight (loadBalancingWeight)',
    ]);
    expect(typeFacts(subset, 'envoy.config.endpoint.v3.LocalityLbEndpoints')).toContain(
      '2 repeated envoy.config.endpoint.v3.LbEndpoint lb_endpoints (lbEndpoints)',
    );
  });
});

function memberNames(typeName: string): string[] {
  const type = subset.getMessage(typeName) ?? subset.getEnum(typeName);
  return (type?.kind === 'message' ? type.fields : (type?.values ?? [])).map((member) => member.name);
}

/** A registry as a hand that types from memory would write it. */
function wrongEndpoint(): Registry {
  const file = create(FileDescriptorSetSchema, {
    file: [
      {
        name: 'wrong.proto',
        package: 'envoy.config.endpoint.v3',
        syntax: 'proto3',
        messageType: [
          { name: 'Endpoint' },
          {
            name: 'LbEndpoint',
            field: [
              {
                name: 'endpoint',
                jsonName: 'endpoint',
                number: 2,
                type: 11,
                label: 1,
                typeName: '.envoy.config.endpoint.v3.Endpoint',
              },
              { name: 'health', jsonName: 'health', number: 3, type: 9, label: 1 },
            ],
          },
        ],
      },
    ],
  });
  return createFileRegistry(file);
}
