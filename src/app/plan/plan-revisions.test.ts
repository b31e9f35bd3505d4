import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createGitRepository, type GitRepository } from '../../../test/support/git-repository.ts';
import { describeWithTool } from '../../../test/support/require-tool.ts';
import { type LocalRepository, openLocalRepository } from '../../io/git/local-repository.ts';
import { createKeptBuilds } from '../revision/kept-builds.ts';
import { createKeptFiles } from '../revision/kept-files.ts';
import { createPolicyCompiler } from '../revision/policy-compiler.ts';
import { planRevisions } from './plan-revisions.ts';
import { parseRange } from './read-range.ts';

describe('a range', () => {
  test.each([
    ['main..HEAD', { base: 'main', head: 'HEAD' }],
    ['HEAD~1..worktree', { base: 'HEAD~1', head: 'worktree' }],
    ['main', undefined],
    ['main..', undefined],
    ['..HEAD', undefined],
    ['a...b', undefined],
    ['a..b..c', undefined],
    ['worktree..HEAD', undefined],
  ])('%s', (text, range) => {
    expect(parseRange(text)).toEqual(range);
  });
});

const EXAMPLE = join(import.meta.dirname, '../../../examples/quickstart');

function exampleFiles(): Record<string, string> {
  const paths = readdirSync(EXAMPLE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('broken'))
    .map((entry) => join(entry.parentPath, entry.name).slice(EXAMPLE.length + 1));
  return Object.fromEntries(paths.map((path) => [`gateway/${path}`, readFileSync(join(EXAMPLE, path), 'utf8')]));
}

describeWithTool('opa', 'a plan of a repository', (opa) => {
  const compilePolicies = createPolicyCompiler(opa);
  const files = exampleFiles();
  const route = files['gateway/routes/chat.yaml'] ?? '';
  let git: GitRepository;
  let repository: LocalRepository;

  beforeAll(async () => {
    git = createGitRepository();
    git.commit({ ...files, CODEOWNERS: '* @platform\n/gateway/routes/ @routing\n' });
    git.commit({ 'gateway/routes/chat.yaml': `# The one route.\n${route}` });
    git.commit({ 'gateway/routes/chat.yaml': route.replace('{ offers: [ cloud ] }', '{ offers: [ nothing ] }') });
    git.commit({ 'gateway/routes/chat.yaml': route.replace('attempts: 4', 'attempts: 1'), CODEOWNERS: '* @mallory\n' });
    repository = await openLocalRepository(join(git.path, 'gateway'));
  });
  afterAll(() => {
    repository.close();
    git.remove();
  });

  async function planned(base: string, head: string) {
    return await planRevisions(repository, { base, head, subpath: 'gateway' }, compilePolicies);
  }

  test('sees no effect in a comment', async () => {
    expect(await planned('HEAD~3', 'HEAD~2')).toMatchObject({ kind: 'planned', plan: { hasEffect: false } });
  });

  test('says what is wrong with a side that does not compile', async () => {
    expect(await planned('HEAD~3', 'HEAD~1')).toMatchObject({
      kind: 'broken',
      name: 'HEAD~1',
      diagnostics: expect.stringContaining('routes/chat.yaml:'),
    });
  });

  test('shows a change with a witness, and who must approve it by the owners of the base', async () => {
    const result = await planned('HEAD~3', 'main');
    expect(result).toMatchObject({
      kind: 'planned',
      plan: {
        base: { name: 'HEAD~3', commit: git.git('rev-parse', 'HEAD~3') },
        documents: [{ kind: 'route', name: 'chat', action: 'changed', fields: ['retry attempts: 4 -> 1'] }],
        routing: { changes: [{ model: 'chat-small', teams: ['red'] }] },
        approvers: { owners: ['@routing'], unowned: [] },
      },
    });
  });

  test('reads what is on disk', async () => {
    expect(await planned('HEAD', 'worktree')).toMatchObject({
      kind: 'planned',
      plan: { hasEffect: false, head: { name: 'worktree', commit: 'worktree' } },
    });
  });

  test.each(['nowhere', '--help', 'HEAD:gateway'])('has no side called %s', async (name) => {
    await expect(planned('HEAD', name)).rejects.toMatchObject({ code: 'git-ref-missing' });
  });

  test('is the same plan from what an earlier process kept', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-plan-'));
    const order = { base: 'HEAD~3', head: 'main', subpath: 'gateway' };
    const anew = () =>
      planRevisions(
        repository,
        order,
        createPolicyCompiler(opa, createKeptBuilds(folder, 'stamp')),
        createKeptFiles(folder, 'stamp'),
      );
    try {
      const first = await anew();
      expect(readdirSync(folder).length).toBeGreaterThan(1);
      expect([first, await anew()]).toEqual([await planned('HEAD~3', 'main'), first]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('ends as the reading of its requests ends', async () => {
    const read = vi.fn(() => Promise.reject(new Error('line 1')));
    const order = (head: string) => ({ base: 'HEAD~3', head, subpath: 'gateway', corpus: read });
    await expect(planRevisions(repository, order('main'), compilePolicies)).rejects.toThrow('line 1');
    await expect(planRevisions(repository, order('HEAD~1'), compilePolicies)).resolves.toMatchObject({
      kind: 'broken',
    });
  });

  test('says that a folder is missing', async () => {
    const order = { base: 'HEAD', head: 'HEAD', subpath: 'nowhere' };
    expect(await planRevisions(repository, order, compilePolicies)).toMatchObject({ kind: 'broken', name: 'HEAD' });
  });
});

test('a folder outside every repository is told of', async () => {
  await expect(openLocalRepository('/')).rejects.toMatchObject({ code: 'git-settings' });
});
