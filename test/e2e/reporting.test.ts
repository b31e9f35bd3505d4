import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askServer } from '../../src/app/commands/server-client.ts';
import { runHeadgate } from '../../src/app/demo/stack/headgate-process.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { FLEET, withListener } from '../../src/app/demo/steps/commit-changes.ts';
import { present } from '../../src/core/base/assert.ts';
import { type FakeForge, FORGE_REPOSITORY, FORGE_TOKEN, HOOK_SECRET, startFakeForge } from '../support/fake-forge.ts';
import { useGateway } from '../support/gateway.ts';
import { describeWithTool } from '../support/require-tool.ts';

/** The conditions while nothing is wrong, without Ready. */
const WELL = {
  ...{ Reconciling: 'False', Stalled: 'False', FetchFailed: 'False' },
  ...{ SourceVerified: 'Unknown', ArtifactOutdated: 'False' },
};

describeWithTool('envoy', 'what becomes of a commit', () => {
  let forge: FakeForge;
  let holder: Server;
  let fleet: string;
  /** The commit of which nothing is told while the forge hangs. */
  let hanging: string;
  const gateway = useGateway(async () => {
    forge = await startFakeForge({ kind: 'github' });
    Object.assign(process.env, { FORGE_TOKEN, HOOK_SECRET });
    const reporting = {
      installation: 'demo-eu',
      statuses: {
        ...{ forge: 'github', repository: FORGE_REPOSITORY, api: forge.api, token: { env: 'FORGE_TOKEN' } },
        link: 'https://status.example.com/{commit}',
      },
      events: [{ url: forge.hook, secret: { env: 'HOOK_SECRET' } }],
    };
    return { engineScales: [1], proxies: 2, settings: { reporting } };
  });

  beforeAll(async () => {
    holder = createServer().listen(0, '0.0.0.0');
    await once(holder, 'listening');
    fleet = await gateway().repository.read(FLEET);
  });
  afterAll(async () => {
    holder.close();
    await forge.close();
  });

  /** The statuses of a commit in their order, once one is as it is wanted. */
  const toldOf = (commit: string, wanted: RegExp): Promise<string[]> =>
    waitUntil(`${wanted} at ${commit}`, () => {
      const lines = forge.statuses
        .filter((status) => status.commit === commit)
        .map(({ context, state, description }) => `${context} ${state}: ${description}`);
      return lines.some((line) => wanted.test(line)) ? lines : undefined;
    });
  const events = (commit: string, last: string): Promise<string[]> =>
    waitUntil(`${last} of ${commit}`, () => {
      const types = forge.events
        .filter(({ subject, type }) => subject === commit && type.includes('revision'))
        .map(({ type }) => type);
      return types.includes(`dev.headgate.revision.${last}.v1`) ? types : undefined;
    });
  const commitFleet = async (subject: string, text: string) =>
    (await gateway().repository.commit(subject, { [FLEET]: text })).id;

  /** The conditions, as the metrics have them. */
  const conditions = async (): Promise<Record<string, string>> => {
    const metrics = await (await fetch(`${gateway().adminUrl()}/metrics`)).text();
    const gauges = metrics.matchAll(/^headgate_condition\{type="(\w+)",status="(\w+)"\} 1$/gm);
    return Object.fromEntries([...gauges].map(([, type = '', status = '']) => [type, status]));
  };

  test('is told when every proxy has it', async () => {
    const commit = await commitFleet('a comment', `${fleet}    - { name: second, port: 10002 }\n`);
    const short = commit.slice(0, 7);
    const lines = await toldOf(commit, /serve\/edge success/);
    expect([lines.at(0), lines.at(-1)]).toEqual([
      'demo-eu/validate success: validated',
      `demo-eu/serve/edge success: 2/2 acknowledged on ${short}, 0 NACK`,
    ]);
    expect(await events(commit, 'serving')).toEqual(
      ['validated', 'published', 'serving'].map((kind) => `dev.headgate.revision.${kind}.v1`),
    );
    expect(forge.statuses.at(-1)?.link).toBe(`https://status.example.com/${commit}`);
    expect(await conditions()).toEqual({ ...WELL, Ready: 'True' });
  });

  test('is told with the line, when the tree has a mistake', async () => {
    const commit = await commitFleet('a mistake', fleet.replace('port: 10000', 'port: 100000'));
    expect(await toldOf(commit, /validate failure/)).toEqual([
      expect.stringMatching(new RegExp(`^demo-eu/validate failure: 1 error: ${FLEET}:8 HG\\d{4} `)),
    ]);
    expect(await events(commit, 'rejected')).toEqual(['dev.headgate.revision.rejected.v1']);
    expect(await conditions()).toEqual({ ...WELL, Ready: 'False', Stalled: 'True', ArtifactOutdated: 'True' });
  });

  test('is told with the line, when proxies refuse it', async () => {
    const { port } = holder.address() as AddressInfo;
    const commit = await commitFleet('a port that is taken', withListener(fleet, 'extra', port));
    const line = (await gateway().repository.read(FLEET)).split('\n').findIndex((text) => text.includes('extra')) + 1;
    const lines = await toldOf(commit, /rolled back: 2 NACKs.*takes it back/);
    const revert = `headgate/revert-${commit.slice(0, 12)} takes it back`;
    expect(lines.at(-1)).toBe(`demo-eu/serve/edge failure: rolled back: 2 NACKs, ${FLEET}:${line}; ${revert}`);
    await events(commit, 'frozen');
    await events(commit, 'rolled-back');
    const { data } = present(
      forge.events.find(({ subject, type }) => subject === commit && type.includes('frozen')),
      'the event',
    );
    const refusal = { code: 'HG6001', file: FLEET, line, message: expect.stringContaining('cannot bind') };
    expect(data).toMatchObject({ commit, findings: [refusal], findingsTotal: 1 });
    const { conditions: told, newest } = await gateway().admin.status();
    expect(newest?.diagnostics).toContain(`--> ${FLEET}:${line}:`);
    expect(told.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'RolledBack' });
    expect(await readFile(join(gateway().folder, 'headgate.log'), 'utf8')).toContain(`--> ${FLEET}:${line}:`);
  });

  test('is told after a revert, once the forge is well again', async () => {
    forge.answerNext({ status: 502 }, { status: 429, headers: { 'retry-after': '1' } });
    const commit = await commitFleet('back', fleet);
    const lines = await toldOf(commit, /serve\/edge success/);
    expect(lines).toContain(`demo-eu/serve/edge success: 2/2 acknowledged on ${commit.slice(0, 7)}, 0 NACK`);
  });

  test('is asked for by a word, which the status tells once it was handled', async () => {
    await askServer(gateway().adminUrl(), 'POST', '/reconcile?requestedAt=2026-01-01T12:00:00Z');
    expect(await gateway().admin.status()).toMatchObject({ lastHandledReconcileAt: '2026-01-01T12:00:00Z' });
  });

  test('waits while an operator has suspended the source, which is told too', async () => {
    const server = ['--server', gateway().adminUrl()];
    await runHeadgate(['source', 'suspend', '--reason', 'a freeze', ...server]);
    expect(await conditions()).toEqual({ ...WELL, Ready: 'True', Stalled: 'True' });
    await runHeadgate(['source', 'resume', ...server]);
    const orders = await waitUntil('the orders to be told', () => {
      const types = forge.events.filter(({ subject }) => subject === 'source').map(({ type }) => type);
      return types.length < 2 ? undefined : types;
    });
    expect(orders).toEqual(['dev.headgate.source.suspended.v1', 'dev.headgate.source.resumed.v1']);
  });

  test('goes its way while the forge does not answer', async () => {
    forge.answerNext('hang', 'hang');
    const { reconcile } = gateway().admin;
    const commit = await commitFleet('again', `${fleet}    - { name: third, port: 10003 }\n`);
    expect(await reconcile()).toMatchObject({ state: 'serving', commit });
    hanging = commit;
  });

  test('reaches whoever wants events although the process is killed before', async () => {
    expect(forge.events.filter(({ subject }) => subject === hanging)).toEqual([]);
    const folder = join(gateway().folder, 'state', 'events');
    const [file = ''] = await readdir(folder);
    await waitUntil('the last event to be on the disk', async () => {
      const lines = (await readFile(join(folder, file), 'utf8')).split('\n');
      return lines.some((line) => line.includes(hanging) && line.includes('revision.serving')) || undefined;
    });
    await gateway().killHeadgate();
    await gateway().restartHeadgate();
    expect((await events(hanging, 'serving')).slice(0, 3)).toEqual(
      ['validated', 'published', 'serving'].map((kind) => `dev.headgate.revision.${kind}.v1`),
    );
  });

  test('stands in a file of which no line can be changed unseen, also after a restart', async () => {
    await gateway().killHeadgate();
    await gateway().restartHeadgate();
    await gateway().settled();
    await gateway().admin.reconcile();
    await gateway().closeHeadgate();
    const told = await runHeadgate(['audit', 'verify', join(gateway().folder, 'state')]);
    expect(told).toMatch(/^(\d+) lines, the last is \1 sha256:[0-9a-f]{64}\n$/);
    await gateway().restartHeadgate();
  });

  test('is told without the token or the secret in the log', async () => {
    const text = await readFile(join(gateway().folder, 'headgate.log'), 'utf8');
    expect([text.includes(FORGE_TOKEN), text.includes(HOOK_SECRET), text.includes('whsec_')]).toEqual([
      ...[false, false, false],
    ]);
  });
});
