import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ShellLab } from '../docs/shell-lab.ts';
import { describeWithTool } from '../support/require-tool.ts';

const TEAM = 'kind: Team  # who\napiVersion: headgate.dev/v1\nmetadata: {name: red}\nspec: {models: ["*"]}\n';
const TEAM_FORMATTED =
  'apiVersion: headgate.dev/v1\nkind: Team  # who\nmetadata: { name: red }\nspec: { models: [ "*" ] }\n';
const POLICY = 'package a\ndeny   contains "x" if {input.a}\n';
const POLICY_FORMATTED = 'package a\n\ndeny contains "x" if input.a\n';

describeWithTool('opa', 'headgate fmt', (opa) => {
  let lab: ShellLab;

  beforeAll(() => {
    lab = new ShellLab([opa]);
    lab.write('tree/teams/red.yaml', TEAM);
    lab.write('tree/policies/a.rego', POLICY);
    lab.write('tree/other/values.yaml', 'a:   1\n');
    lab.write('tree/.headgateignore', 'other\n');
    lab.write('broken/a.yaml', 'a: [ 1\n');
    lab.write('broken/b.rego', 'package\n');
    lab.write('broken/c.rego', POLICY);
  });
  afterAll(() => lab.close());

  const read = (path: string) => readFileSync(join(lab.folder, path), 'utf8');

  test('--check lists what is not in the form, and changes nothing', async () => {
    const stdout = 'tree/policies/a.rego\ntree/teams/red.yaml\n';
    expect(await lab.run('headgate fmt --check tree')).toEqual({ status: 1, stdout, stderr: '' });
    expect([read('tree/teams/red.yaml'), read('tree/policies/a.rego')]).toEqual([TEAM, POLICY]);
  });

  test('--diff shows the change, and changes nothing', async () => {
    const { status, stdout } = await lab.run('cd tree && headgate fmt --diff policies/a.rego');
    const lines = ['--- a/policies/a.rego', '+++ b/policies/a.rego', '@@ -1,2 +1,3 @@', ' package a'];
    const changes = ['-deny   contains "x" if {input.a}', '+', '+deny contains "x" if input.a', ''];
    expect({ status, stdout }).toEqual({ status: 0, stdout: [...lines, ...changes].join('\n') });
    expect(read('tree/policies/a.rego')).toBe(POLICY);
  });

  test('without them it writes, once', async () => {
    const first = await lab.run('headgate fmt tree');
    expect(first).toEqual({ status: 0, stdout: 'tree/policies/a.rego\ntree/teams/red.yaml\n', stderr: '' });
    expect([read('tree/teams/red.yaml'), read('tree/policies/a.rego')]).toEqual([TEAM_FORMATTED, POLICY_FORMATTED]);
    expect(read('tree/other/values.yaml')).toBe('a:   1\n');
    expect(await lab.run('headgate fmt --check tree')).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('a file that cannot be read stays, is told, and does not keep the others back', async () => {
    const { status, stdout, stderr } = await lab.run('headgate fmt broken');
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'broken/c.rego\n' });
    expect(stderr.match(/error\[HG\d+\]|--> \S+/g)).toEqual([
      'error[HG1001]',
      '--> broken/a.yaml:2:1',
      'error[HG4001]',
      '--> broken/b.rego:1:1',
    ]);
    expect([read('broken/a.yaml'), read('broken/b.rego')]).toEqual(['a: [ 1\n', 'package\n']);
  });

  test('a file that is neither is a mistake of the command line', async () => {
    lab.write('README.md', '# a\n');
    const { status, stderr } = await lab.run('headgate fmt README.md');
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'error: README.md is neither a document (.yaml) nor a policy (.rego)\n',
    });
  });
});
