import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGitRepository, type GitRepository } from '../../../test/support/git-repository.ts';
import { describeWhereInstalled } from '../../../test/support/require-tool.ts';
import { makeSigningKeys, type SigningKeys } from '../../../test/support/signing-keys.ts';
import type { RevisionLedger } from '../../core/rollout/revision-ledger.ts';
import type { RevisionFiles } from '../revision/compile-revision.ts';
import { readBootSettings } from '../settings/boot-settings.ts';
import type { RepositorySettings } from '../settings/repository-settings.ts';
import type { WebhookSettings } from '../settings/webhook-settings.ts';
import { type WatchedRepository, watchRepository } from './watch-repository.ts';

let origin: GitRepository;
let folder: string;
let keys: SigningKeys;
const watches: WatchedRepository[] = [];

beforeEach(async () => {
  origin = createGitRepository();
  folder = await mkdtemp(join(tmpdir(), 'headgate-source-'));
  keys = makeSigningKeys();
});
afterEach(async () => {
  await Promise.all(watches.splice(0).map((watched) => watched.close()));
  origin.remove();
  keys.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A plane that lets every commit serve, and a watch that looks only when it is asked. */
async function start(settings: Partial<RepositorySettings> = {}, webhooks?: WebhookSettings) {
  const plane = fakePlane();
  const warnings: unknown[] = [];
  const registry = new Registry();
  let address = '';
  const log = {
    info: (told: unknown) => {
      address = (told as { address: string }).address;
    },
    warn: (...words: unknown[]) => void warnings.push(words.at(-1)),
  };
  writeFileSync(join(folder, 'headgate.yaml'), `repository: { url: ${origin.path}, allowLocal: true, poll: 24h }`);
  const boot = readBootSettings(join(folder, 'headgate.yaml'));
  const repository = { ...boot.repository, ...settings };
  const watched = await watchRepository({ ...boot, repository, ...(webhooks && { webhooks }) }, plane, {
    ...{ log, tell: () => undefined, metrics: { registry } },
  });
  watches.push(watched);
  const look = () => watched.reconcile('look').catch(({ code }: { code: string }) => code);
  await look();
  return { plane, warnings, watched, look, address, registry };
}

function fakePlane() {
  const served: { commit: string; signer: string | undefined; text: string }[] = [];
  const digest = 'sha256:0' as const;
  return {
    served,
    diagnostics: '',
    ledger: {} as Pick<RevisionLedger, 'live' | 'newest'>,
    force: () => undefined,
    thaw: () => Promise.resolve(),
    take({ commit, signer, files }: RevisionFiles) {
      served.push({ commit, signer, text: files.map(({ bytes }) => Buffer.from(bytes).toString()).join('') });
      this.ledger = {
        live: { commit, digest, taken: true },
        newest: { kind: 'serving', commit, digest },
      };
      return Promise.resolve({ diagnostics: '', compileMs: 0, acknowledgeMs: 0 });
    },
  };
}

const commitsOf = ({ plane }: { plane: ReturnType<typeof fakePlane> }) => plane.served.map(({ commit }) => commit);

/** Until the newest commit that was handed over is this one. */
async function servesSoon(started: Awaited<ReturnType<typeof start>>, commit: string | RegExp): Promise<void> {
  await vi.waitUntil(() => commitsOf(started).at(-1)?.match(commit), { timeout: 10_000 });
}

describe('an operator', () => {
  test('suspends and resumes', async () => {
    const first = origin.commit({ 'a.yaml': '1' });
    const started = await start();
    await started.watched.control.suspend('freeze');
    const second = origin.commit({ 'a.yaml': '2' });
    expect(await started.look()).toBe('source-suspended');
    expect([commitsOf(started), started.watched.status().suspended?.reason]).toEqual([[first], 'freeze']);
    await started.watched.control.resume();
    await servesSoon(started, second);
    expect(started.watched.status().failure).toBeUndefined();
  });

  test('pins an older commit, also with the remote gone, and lets go of it', async () => {
    const first = origin.commit({ 'a.yaml': '1' });
    const second = origin.commit({ 'a.yaml': '2' });
    const started = await start();
    origin.git('branch', '--move', 'main', 'away');
    await started.watched.control.pin(first);
    await servesSoon(started, first);
    expect(started.watched.status().pinned?.commit).toBe(first);
    origin.git('branch', '--move', 'away', 'main');
    await started.watched.control.unpin();
    await servesSoon(started, second);
  });

  test('pins a commit that nobody has: what serves stays, and the status says why', async () => {
    const first = origin.commit({ 'a.yaml': '1' });
    const started = await start();
    await started.watched.control.pin('1'.repeat(40));
    await expect.poll(() => started.watched.status().fetchFailed?.code).toBe('git-commit-missing');
    expect(commitsOf(started)).toEqual([first]);
  });

  test('overrides with a folder, which is alarmed, follows its changes, and ends', async () => {
    const first = origin.commit({ 'a.yaml': '1' });
    const started = await start();
    const directory = join(folder, 'tree');
    mkdirSync(directory);
    writeFileSync(join(directory, 'a.yaml'), 'by hand');
    const order = { from: { kind: 'directory', directory }, untilMs: Date.now() + 60_000, reason: 'fire' } as const;
    await started.watched.control.suspend('fire');
    await started.watched.control.override(order);
    await servesSoon(started, /^directory-[0-9a-f]{12}$/);
    expect(started.plane.served.at(-1)?.text).toBe('by hand');
    writeFileSync(join(directory, 'a.yaml'), 'by hand again');
    await started.look();
    expect(started.plane.served.at(-1)?.text).toBe('by hand again');
    await started.watched.control.resume();
    await started.watched.control.endOverride();
    await servesSoon(started, first);
    expect(started.warnings).toEqual([
      'source suspended',
      'source overridden: what serves was not asked of the repository',
      'source resumed',
      'source override-ended',
    ]);
  });

  test('orders outlive a restart', async () => {
    const first = origin.commit({ 'a.yaml': '1' });
    origin.commit({ 'a.yaml': '2' });
    const before = await start();
    await before.watched.control.pin(first);
    await before.watched.close();
    expect(commitsOf(await start())).toEqual([first]);
  });
});

describeWhereInstalled('ssh-keygen', 'a signature that is asked for', () => {
  const signedBy = (words: readonly string[]) => {
    origin.git(...words, 'commit', '--quiet', '--allow-empty', '-S', '-m', 'signed');
    return origin.git('rev-parse', 'HEAD');
  };
  const verify = (line: string) =>
    ({ mode: 'head', keys: { sshSignersFiles: [keys.file('signers', line)], gpgKeysFiles: [] } }) as const;

  test('names the signer, and what is not signed does not serve', async () => {
    const ada = keys.ssh('ada@example.com');
    origin.commit({ 'a.yaml': '1' });
    const signed = signedBy(ada.words);
    const started = await start({ verify: verify(ada.line) });
    expect(started.plane.served).toEqual([{ commit: signed, signer: 'ada@example.com', text: '1' }]);
    expect(started.watched.status().verified).toEqual({ status: 'True', commit: signed, signer: 'ada@example.com' });
    const unsigned = origin.commit({ 'a.yaml': '2' });
    expect(await started.look()).toBe('git-signature-missing');
    expect(commitsOf(started)).toEqual([signed]);
    expect(started.watched.status()).toMatchObject({
      commit: unsigned,
      revision: `main@sha1:${unsigned}`,
      verified: { status: 'False', commit: unsigned, reason: 'SignatureMissing' },
      fetchFailed: { reason: 'VerificationError' },
    });
    expect(started.warnings).toEqual(['the commit was refused']);
    const mended = signedBy(ada.words);
    await started.look();
    expect(commitsOf(started)).toEqual([signed, mended]);
  });

  test.each<['tag' | 'tag-and-head', string]>([
    ['tag', 'verified'],
    ['tag-and-head', 'git-signature-missing'],
  ])('may be that of the tag (%s)', async (mode, outcome) => {
    const ada = keys.ssh('ada@example.com');
    origin.commit({ 'a.yaml': '1' });
    origin.git(...ada.words, 'tag', '-s', '-m', 'one', 'v1');
    const started = await start({ ref: { tag: 'v1' }, verify: { ...verify(ada.line), mode } });
    const { verified, fetchFailed } = started.watched.status();
    expect(verified?.status === 'True' ? 'verified' : fetchFailed?.code).toBe(outcome);
    signedBy(ada.words);
    origin.git(...ada.words, 'tag', '-s', '-f', '-m', 'one', 'v1');
    await started.look();
    expect(started.plane.served.at(-1)?.signer).toBe('ada@example.com');
  });

  test('of an old commit is no leave to serve it again; a revert is a new commit', async () => {
    const ada = keys.ssh('ada@example.com');
    origin.commit({ 'a.yaml': '1' });
    const old = signedBy(ada.words);
    origin.commit({ 'a.yaml': '2' });
    const newer = signedBy(ada.words);
    const before = await start({ verify: verify(ada.line) });
    await before.look();
    await before.watched.close();
    origin.git('reset', '--quiet', '--hard', old);
    const started = await start({ verify: verify(ada.line) });
    expect(await started.look()).toBe('git-rewritten');
    expect([commitsOf(started), started.watched.status().verified]).toEqual([
      [],
      {
        status: 'False',
        commit: old,
        reason: 'NotDescendant',
        message: `${old.slice(0, 12)} does not descend from ${newer.slice(0, 12)}, the last commit that served`,
      },
    ]);
    origin.git('reset', '--quiet', '--hard', newer);
    origin.commit({ 'a.yaml': '1' });
    const reverted = signedBy(ada.words);
    await started.look();
    expect(commitsOf(started)).toEqual([reverted]);
  });

  test('is asked of a pinned commit, and not of an override, which is no measure for what comes after', async () => {
    const ada = keys.ssh('ada@example.com');
    origin.commit({ 'a.yaml': '1' });
    const signed = signedBy(ada.words);
    origin.git('checkout', '--quiet', '-b', 'hotfix');
    const unsigned = origin.commit({ 'a.yaml': 'hot' });
    origin.git('checkout', '--quiet', 'main');
    const started = await start({ verify: verify(ada.line) });
    await started.watched.control.pin(unsigned);
    await expect.poll(() => started.watched.status().fetchFailed?.code).toBe('git-signature-missing');
    await started.watched.control.unpin();
    const from = { kind: 'commit', commit: unsigned } as const;
    await started.watched.control.override({ from, untilMs: Date.now() + 60_000, reason: 'fire' });
    await servesSoon(started, unsigned);
    expect(started.plane.served.at(-1)?.signer).toBeUndefined();
    await started.watched.control.endOverride();
    await servesSoon(started, signed);
  });
});

describe('a force push', () => {
  async function pushedOver(forcePush: 'allow' | 'refuse') {
    const base = origin.commit({ 'a.yaml': '1' });
    const lost = origin.commit({ 'a.yaml': '2' });
    const started = await start({ forcePush });
    await started.look();
    origin.git('reset', '--quiet', '--hard', base);
    const over = origin.commit({ 'a.yaml': '3' });
    return { started, lost, over, answer: await started.look() };
  }

  test('is followed', async () => {
    const { started, lost, over } = await pushedOver('allow');
    expect(commitsOf(started)).toEqual([lost, over]);
  });

  test('is refused where the settings say so, again and again, until the history is back or somebody pins it', async () => {
    const { started, lost, over, answer } = await pushedOver('refuse');
    expect([answer, await started.look(), commitsOf(started)]).toEqual(['git-rewritten', 'git-rewritten', [lost]]);
    await started.watched.control.pin(over);
    await servesSoon(started, over);
    await started.watched.control.unpin();
    const after = origin.commit({ 'a.yaml': '4' });
    await started.look();
    expect(commitsOf(started)).toEqual([lost, over, after]);
  });
});

describe('a commit that is taken back', () => {
  async function takenBack(revertBranches: 'push' | 'keep') {
    const good = origin.commit({ 'a.yaml': '1' });
    const bad = origin.commit({ 'a.yaml': '2' }, 'raise a');
    const { watched } = await start({ revertBranches });
    const { commit, ...proposed } = await watched.proposeRevert({ bad, good, why: 'HG6001 at a.yaml:1' });
    return { good, bad, commit, proposed, watched, branch: `headgate/revert-${bad.slice(0, 12)}` };
  }

  test('is on a branch of the remote, with the reason', async () => {
    const { good, bad, commit, proposed, watched, branch } = await takenBack('push');
    expect(proposed).toEqual({ branch, pushed: true });
    expect(watched.status().revert).toEqual({ branch, commit, pushed: true });
    expect(origin.git('rev-parse', branch)).toBe(commit);
    expect(origin.git('show', '--no-patch', '--format=%B', branch)).toBe(
      `Revert "raise a"\n\nThis takes back ${bad}; the files are those of ${good}.\n\nHG6001 at a.yaml:1`,
    );
  });

  test('stays with us where the settings say so, or nobody can be reached', async () => {
    const kept = await takenBack('keep');
    expect(kept.proposed).toEqual({ branch: kept.branch, pushed: false, why: 'the settings keep it in the mirror' });
    expect(origin.git('branch', '--list', 'headgate/*')).toBe('');
    expect((await kept.watched.mirror.commitInfo(kept.commit)).parents).toEqual([kept.bad]);
  });
});

/** Tells of a push many times at once, each a delivery of its own. */
function tell(address: string, after: string, count: number): Promise<number[]> {
  const told = Array.from({ length: count }, async (_, index) => {
    const body = JSON.stringify({ ref: 'refs/heads/main', after, index });
    const headers = { 'x-gitlab-token': 'secret', 'content-type': 'application/json' };
    return (await fetch(`http://${address}/webhooks/gitlab`, { method: 'POST', headers, body })).status;
  });
  return Promise.all(told);
}

test('a thousand pushes, told by webhooks, are a few looks, and the last one serves', async () => {
  origin.commit({ 'a.yaml': '0' });
  const secret = keys.file('hook', 'secret');
  const started = await start(
    {},
    {
      listen: { host: '127.0.0.1', port: 0 },
      secrets: new Map([['gitlab', { kind: 'file', path: secret }]]),
    },
  );
  const statuses = new Set<number>();
  for (let batch = 0; batch < 10; batch += 1) {
    const commit = origin.commit({ 'a.yaml': `${batch}` });
    for (const status of await tell(started.address, commit, 100)) statuses.add(status);
  }
  const last = origin.git('rev-parse', 'HEAD');
  await servesSoon(started, last);
  expect(statuses).toEqual(new Set([202]));
  expect(await started.registry.metrics()).toMatch(/^headgate_webhooks_total\{forge="gitlab",result="fetch"\} 1000$/m);
  expect(commitsOf(started).length).toBeLessThan(6);
}, 20_000);

test('a branch that is deleted takes nothing away, and serves again when it is back', async () => {
  const first = origin.commit({ 'a.yaml': '1' });
  const started = await start();
  origin.git('branch', '--move', 'main', 'away');
  expect(await started.look()).toBe('git-ref-missing');
  expect(started.watched.status().fetchFailed).toMatchObject({ reason: 'GitOperationFailed', count: 1 });
  expect(await started.look()).toBe('git-ref-missing');
  expect(started.watched.status().fetchFailed?.count).toBe(2);
  expect(started.warnings).toEqual(['the repository could not be read']);
  origin.git('branch', '--move', 'away', 'main');
  const second = origin.commit({ 'a.yaml': '2' });
  await started.look();
  expect([commitsOf(started), started.watched.status().fetchFailed]).toEqual([[first, second], undefined]);
});

test('the status says where the source is, and what a hint brought', async () => {
  origin.commit({ 'a.yaml': '1' });
  origin.git('tag', 'v1.2.0');
  const started = await start({ ref: { branch: 'main', semver: '1.x' } });
  const first = origin.git('rev-parse', 'HEAD');
  const { fetchedAtMs, ...status } = started.watched.status();
  expect([status, typeof fetchedAtMs]).toEqual([
    { url: origin.path, ref: '1.x', commit: first, revision: `v1.2.0@sha1:${first}` },
    'number',
  ]);
  const second = origin.commit({ 'a.yaml': '2' });
  origin.git('tag', 'v1.3.0');
  started.watched.hint();
  await servesSoon(started, second);
  expect(typeof started.watched.status().hintedAtMs).toBe('number');
});
