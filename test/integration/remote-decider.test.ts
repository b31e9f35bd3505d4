import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RemoteDeciders, startRemoteDeciders } from '../../src/app/control/remote-deciders.ts';
import { createRevisionCounts } from '../../src/app/control/revision-counts.ts';
import { type RunningDecider, startDecider } from '../../src/app/decide/start-decider.ts';
import type { Standing } from '../../src/app/decider/decider.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { type Bundle, bundleOf, bundleParts } from '../../src/app/revision/bundle.ts';
import type { DecideSettings } from '../../src/app/settings/decide-settings.ts';
import { decidersSettings } from '../../src/app/settings/deciders-settings.ts';
import { openTls, type TlsSource } from '../../src/app/settings/tls-source.ts';
import type { Digest } from '../../src/core/base/digest.ts';
import { digestOfText } from '../../src/core/base/digest.ts';
import { encodeBundle } from '../../src/io/store/bundle-file.ts';
import { createAuthority, issueCertificate } from '../../src/sim/certificates.ts';
import { connectExtProc, type ExtProcClient } from '../support/ext-proc-client.ts';
import { FIXTURE_HASHES, fixtureIr, KEYS, ROUTE } from '../support/revision-fixture.ts';

const NO_LOG = { info: () => undefined, warn: () => undefined, error: () => undefined } as never;
const NAME = 'headgate.example.com';
const EVERYBODY = decidersSettings({ listen: '127.0.0.1:0', identities: [NAME] }, true);

/** Red and blue, then red alone: blue's key is revoked. */
const old = bundleOf(fixtureIr({ routes: [ROUTE] }), { wasm: new Uint8Array(0), index: { guardrails: {} } }, 'c1');
const withoutBlue = { ...old.ir, keys: old.ir.keys.filter(({ hash }) => hash !== FIXTURE_HASHES.blue) };
const live = bundleOf(withoutBlue, { wasm: new Uint8Array(0), index: { guardrails: {} } }, 'c2');

const owned: (() => unknown)[] = [];
let folder: string;
let tls: TlsSource;
let plane: RemoteDeciders;
let decider: RunningDecider;
let client: ExtProcClient;
let standing: Standing = { live: old.digest, candidate: undefined };
const reads: Digest[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-remote-decider-'));
  const authority = createAuthority();
  const { certificatePem, privateKeyPem } = issueCertificate(authority, { hosts: [NAME] });
  const files = {
    certificate: join(folder, 'c.pem'),
    key: join(folder, 'k.pem'),
    clientAuthority: join(folder, 'a.pem'),
  };
  writeFileSync(files.certificate, certificatePem);
  writeFileSync(files.key, privateKeyPem);
  writeFileSync(files.clientAuthority, authority.certificatePem);
  tls = openTls(files, NO_LOG);
  mkdirSync(join(folder, 'plane'));
  plane = await startRemoteDeciders({
    ...{ settings: EVERYBODY, tls, stateDirectory: join(folder, 'plane'), counts: createRevisionCounts(), log: NO_LOG },
    onPeerFailure: () => undefined,
    standing: () => standing,
    required: () => [standing.live ?? ''],
    named: () => [],
    read: (digest) => {
      reads.push(digest);
      return Promise.resolve([old, live].filter((bundle) => bundle.digest === digest).map(fileOf)[0]);
    },
    publish: () => undefined,
  });
  decider = await startDecider(
    {
      ...{ controlPlane: plane.address, stateDirectory: join(folder, 'decider'), advertise: undefined, name: 'one' },
      listen: { extProc: { host: '127.0.0.1', port: 0 }, admin: { path: join(folder, 'admin.sock') } },
      tls: { files, serverName: NAME },
      drainMs: 0,
    } satisfies DecideSettings,
    NO_LOG,
  );
  client = await connectExtProc(decider.addresses.extProc, {
    ...{ certificate: certificatePem, key: privateKeyPem, authority: authority.certificatePem },
  });
  owned.push(
    () => rmSync(folder, { recursive: true }),
    () => tls.close(),
    () => plane.close(),
    () => decider.close(),
    () => client.close(),
  );
});
afterAll(async () => {
  for (const close of owned.reverse()) await close();
});

function fileOf(bundle: Bundle): Uint8Array {
  const manifest = { digest: bundle.digest, commit: bundle.commit, createdAt: 0 };
  return Buffer.concat(encodeBundle({ manifest, parts: bundleParts(bundle) }));
}

/** What a caller gets whose proxy names a digest: the status, and why. */
async function asked(named: Digest, key: string): Promise<string> {
  const headers = [
    [':method', 'POST'],
    [':path', '/v1/chat/completions'],
    ['authorization', `Bearer ${key}`],
  ] as const;
  const body = JSON.stringify({ model: 'small', messages: [{ role: 'user', content: 'hello' }] });
  const request = { headers, body };
  const result = await client.exchange({ initialMetadata: { 'x-headgate-revision': named }, request });
  return result.details ?? result.decision;
}

test('a decider fetches what serves, over mutual TLS, and decides by it', async () => {
  await waitUntil('it to hold what serves', () => (plane.status()[0]?.state === 'asked' ? true : undefined));
  expect(await asked(old.digest, KEYS.blue)).toBe('continue');
  expect(reads).toEqual([old.digest]);
});

test('what a proxy names and it lacks is fetched, and the next request decided', async () => {
  expect(await asked(live.digest, KEYS.red)).toBe('headgate_unknown-revision');
  await waitUntil('it to be fetched', async () =>
    (await asked(live.digest, KEYS.red)) === 'continue' ? true : undefined,
  );
  expect(reads).toEqual([old.digest, live.digest]);
});

test('what is nowhere is looked for once', async () => {
  const nowhere = digestOfText('never made');
  const found = [await asked(nowhere, KEYS.red)];
  await waitUntil('it to be looked for', () => (reads.includes(nowhere) ? true : undefined));
  found.push(await asked(nowhere, KEYS.red), await asked(nowhere, KEYS.red));
  expect([found, reads.filter((digest) => digest === nowhere)]).toEqual([
    ...[['headgate_unknown-revision', 'headgate_unknown-revision', 'headgate_unknown-revision'], [nowhere]],
  ]);
});

test('a key that a new revision revokes is refused to proxies that name the old one', async () => {
  standing = { live: live.digest, candidate: undefined };
  plane.refresh();
  await waitUntil('the key to be revoked', async () =>
    (await asked(old.digest, KEYS.blue)) === 'headgate_invalid-key' ? true : undefined,
  );
  expect(await asked(old.digest, KEYS.red)).toBe('continue');
});
