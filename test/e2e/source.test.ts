import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { useGateway } from '../support/gateway.ts';

const FILE = 'team.yaml';
const TEAM = 'apiVersion: headgate.dev/v1\nkind: Team\nmetadata: { name: green }\nspec: { models: [ "*" ] }\n';

describe('the source of a gateway that looks by itself once a day', () => {
  let folder: string;
  const gateway = useGateway(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headgate-source-'));
    await writeFile(join(folder, 'hook'), 'secret');
    const webhooks = { listen: `unix:${join(folder, 'hooks.sock')}`, secrets: { gitlab: { file: 'hook' } } };
    const repository = { url: './repository', poll: '24h', allowLocal: true };
    return { folder, engineScales: [1], proxies: 0, settings: { webhooks, repository } };
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Tells of a push, and gives the status of the answer. */
  function tell(secret: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const headers = { 'x-gitlab-token': secret, 'content-type': 'application/json' };
      const options = { socketPath: join(folder, 'hooks.sock'), path: '/webhooks/gitlab', method: 'POST', headers };
      const asked = request(options, (answer) => resolve(answer.resume().statusCode));
      asked.on('error', reject).end(JSON.stringify({ ref: 'refs/heads/main' }));
    });
  }

  const serves = (commit: string) =>
    waitUntil('the commit serves', async () => {
      const status = await gateway().admin.status();
      return status.live?.commit === commit ? status : undefined;
    });

  test('takes a push that a forge tells of, and none that somebody else does', async () => {
    const { repository, firstCommit } = gateway();
    const { id } = await repository.commit('a team', { [FILE]: TEAM });
    expect(await tell('guessed')).toBe(401);
    expect((await gateway().admin.status()).live?.commit).toBe(firstCommit.id);
    expect(await tell('secret')).toBe(202);
    const { source } = await serves(id);
    expect([source.commit, source.revision, source.failure]).toEqual([id, `main@sha1:${id}`, undefined]);
  });

  test('starts with the repository gone, serves what served, says why, and goes on when it is back', async () => {
    const { repository } = gateway();
    const { live } = await gateway().admin.status();
    const away = `${repository.path}-away`;
    await rename(repository.path, away);
    await gateway().closeHeadgate();
    await gateway().restartHeadgate();
    const status = await waitUntil('the first look', async () => {
      const found = await gateway().admin.status();
      return found.source.fetchFailed === undefined ? undefined : found;
    });
    expect([status.live, status.source.fetchFailed?.reason]).toEqual([live, 'GitOperationFailed']);
    await rename(away, repository.path);
    const { id } = await repository.commit('no team', { [FILE]: TEAM.replace('green', 'blue') });
    expect(await gateway().admin.reconcile()).toMatchObject({ state: 'serving', commit: id });
    expect((await gateway().admin.status()).source.fetchFailed).toBeUndefined();
  });
});
