import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ShellLab } from '../docs/shell-lab.ts';
import { createGitRepository, type GitRepository } from '../support/git-repository.ts';
import { describeWithTool } from '../support/require-tool.ts';
import { fixtureText, routeDocument } from '../support/revision-fixture.ts';

const LIMITS = `
apiVersion: headgate.dev/v1
kind: ChangeLimits
metadata: { name: default }
spec: { perCommit: { fleetsTouched: 0 } }`;
const FLEET = `
apiVersion: headgate.dev/v1
kind: Fleet
metadata: { name: edge }
spec: { match: { cluster: edge }, listeners: [ { name: api, port: 10000 } ] }`;

function tree(offers: string, ...more: string[]): Record<string, string> {
  const route = routeDocument(
    'chat',
    `match: { models: [ small ], teams: [ "*" ] }\n  targets: [ { offers: ${offers} } ]`,
  );
  return { 'tree/all.yaml': fixtureText({ routes: [route], documents: [FLEET, ...more] }) };
}

describeWithTool('opa', 'headgate plan', (opa) => {
  let lab: ShellLab;
  let git: GitRepository;

  beforeAll(() => {
    lab = new ShellLab([opa]);
    git = createGitRepository();
    git.commit(tree('[ own ]'));
    git.commit(tree('[ cloud ]'));
    git.commit(tree('[ nothing ]'));
    git.commit(tree('[ own ]', LIMITS));
    git.commit(tree('[ cloud ]', LIMITS));
    writeFileSync(join(lab.folder, 'corpus.jsonl'), '{"v":1}\n');
  });
  afterAll(() => {
    lab.close();
    git.remove();
  });

  async function plan(words: string) {
    return await lab.run(`headgate plan --repository ${git.path} --path tree ${words}`);
  }

  test('tells a change with its witness', async () => {
    const { status, stdout } = await plan('HEAD~4..HEAD~3');
    expect({ status, lines: stdout.match(/^ +(model|witness).*$/gm) }).toEqual({
      status: 0,
      lines: expect.arrayContaining([
        '  model small, teams blue, red: small/own -> small/cloud (region eu -> us)',
        '      witness: POST /v1/chat/completions model=small team=blue promptTokens=900',
      ]),
    });
  });

  test.each<[what: string, words: string, status: number]>([
    ['a change, for programs that ask', 'HEAD~4..HEAD~3 --detailed-exitcode', 2],
    ['no change', 'HEAD..worktree', 0],
    ['no change, for programs that ask', 'HEAD..worktree --detailed-exitcode', 0],
    ['a side with errors', 'HEAD~4..HEAD~2', 1],
    ['a breached limit of the base', 'HEAD~1..HEAD', 1],
    ['a limit that comes with the change', 'HEAD~4..HEAD~1', 0],
    ['a revision that is not there', 'HEAD..nowhere', 2],
    ['no range', 'HEAD', 2],
    ['a corpus that is none', 'HEAD~4..HEAD~3 --corpus corpus.jsonl', 2],
  ])('%s', async (_what, words, status) => {
    const ended = await plan(words);
    expect([ended.status, /^ +at /m.test(ended.stderr)]).toEqual([status, false]);
  });

  test('--format json is one document', async () => {
    const { stdout } = await plan('HEAD~4..HEAD~3 --format json');
    expect(JSON.parse(stdout)).toMatchObject({
      summary: { creating: 0, updating: 1, deleting: 0, total: 1 },
      semantic: { hasEffect: true },
    });
  });
});
