import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { identityPattern } from '../../core/xds/certificate-names.ts';
import type { XdsNode } from '../../core/xds/node.ts';
import { createAuthority, issueCertificate } from '../../sim/certificates.ts';
import { createNodeIdentities } from './node-identities.ts';

function lab(settings: Readonly<Record<string, readonly string[]>> = {}) {
  const logged: object[] = [];
  let nowMs = 0;
  const identities = createNodeIdentities(
    new Map(
      Object.entries(settings).map(([cluster, texts]) => [
        cluster,
        texts.flatMap((text) => identityPattern(text) ?? []),
      ]),
    ),
    { warn: (fields: object) => void logged.push(fields) } as never,
    () => {
      nowMs += 1;
      return nowMs;
    },
  );
  return { identities, logged };
}

function node(cluster: string, id = 'one'): XdsNode {
  return { id, cluster, metadata: {}, userAgent: 'envoy', version: undefined };
}

const listed = { edge: ['spiffe://prod/edge/*', 'edge.example.com'], closed: [] };

test.each<[Readonly<Record<string, readonly string[]>>, string, string, boolean]>([
  [{}, 'edge', 'DNS:edge', true],
  [{}, 'edge', 'DNS:other, DNS:edge', true],
  [{}, 'edge', 'DNS:other', false],
  [{}, 'edge', '', false],
  [{}, 'edge', 'DNS:"other, DNS:edge, x"', false],
  [{}, '', 'DNS:edge', false],
  [{}, '*.example.com', 'DNS:a.example.com', false],
  [listed, 'edge', 'URI:spiffe://prod/edge/7', true],
  [listed, 'edge', 'DNS:edge.example.com', true],
  [listed, 'edge', 'DNS:edge', false],
  [listed, 'edge', 'URI:spiffe://prod/other/7', false],
  [listed, 'other', 'DNS:other', true],
  [listed, 'other', 'URI:spiffe://prod/edge/7', false],
  [listed, 'closed', 'DNS:closed', false],
])('with %j the cluster %s belongs to %s: %s', (settings, cluster, names, allowed) => {
  expect(lab(settings).identities.authorize(node(cluster), names) === undefined).toBe(allowed);
});

test.each<[readonly [string, ...string[]], readonly string[]]>([
  [['x, DNS:edge'], []],
  [['x", DNS:"edge'], []],
  [['x\u0000, DNS:edge'], []],
  [['other'], ['spiffe://a, DNS:edge']],
  [['other'], ['urn:x", DNS:edge, DNS:"y']],
])('a certificate for %j and %j does not become one for edge', (hosts, uris) => {
  const { certificatePem } = issueCertificate(createAuthority(), { hosts, uris });
  const names = new X509Certificate(certificatePem).subjectAltName ?? '';
  expect(names).toContain('edge');
  expect(lab().identities.authorize(node('edge'), names)).toBe('its certificate is not for the cluster "edge"');
});

test('who is refused is counted, logged once, and shown with the last try, the latest first', () => {
  const { identities, logged } = lab();
  for (const cluster of ['edge', 'core']) identities.onRefused(node(cluster, `to-${cluster}`), 'DNS:batch');
  identities.onRefused(node('edge'), '');
  expect(identities.refusedCount()).toBe(3);
  expect(identities.refused()).toEqual([
    { identity: 'none', cluster: 'edge', node: 'one', count: 1, lastAtMs: 3 },
    { identity: 'DNS:batch', cluster: 'core', node: 'to-core', count: 2, lastAtMs: 2 },
  ]);
  expect(logged).toEqual([
    { identity: 'DNS:batch', cluster: 'edge', node: 'to-edge' },
    { identity: 'none', cluster: 'edge', node: 'one' },
  ]);
});

test('the list of refused ones is bounded, and so is each name in it', () => {
  const { identities } = lab();
  for (let index = 0; index < 150; index += 1) identities.onRefused(node('x'.repeat(5_000)), `DNS:n${index}`);
  const refused = identities.refused();
  expect([refused.length, refused[0]?.identity, refused.at(-1)?.identity]).toEqual([100, 'DNS:n149', 'DNS:n50']);
  expect(Math.max(...refused.map(({ cluster }) => cluster.length))).toBe(200);
});

test('whoever is only asked about is not noted', () => {
  const { identities, logged } = lab();
  expect(identities.authorize(node('edge'), 'DNS:batch')).toBe('its certificate is not for the cluster "edge"');
  expect([identities.refusedCount(), identities.refused(), logged]).toEqual([0, [], []]);
});
