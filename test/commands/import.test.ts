import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ShellLab } from '../docs/shell-lab.ts';
import { describeWithTool } from '../support/require-tool.ts';

const CONFIG = `model_list:
  - model_name: chat
    litellm_params: { model: openai/gpt-4o-mini, api_key: os.environ/OPENAI_API_KEY }
    model_info:
      max_input_tokens: 128000
      input_cost_per_token: 1.5e-7
      output_cost_per_token: 6e-7
      supports_function_calling: true
`;

describeWithTool('opa', 'headgate import', (opa) => {
  let lab: ShellLab;

  beforeAll(() => {
    lab = new ShellLab([opa]);
    lab.write('whole.yaml', CONFIG);
    lab.write('part.yaml', `${CONFIG}litellm_settings: { cache: true }\n`);
    lab.write('broken.yaml', 'model_list:\n  - a: [ 1\n');
  });
  afterAll(() => lab.close());

  test('writes documents that are valid, and leaves those alone that are there', async () => {
    const made = await lab.run('headgate import litellm whole.yaml --strict --out tree');
    expect(made).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining('Made: providers.yaml (1)') });
    expect(readdirSync(join(lab.folder, 'tree')).sort()).toEqual([
      '.boot-settings.sample.yaml',
      'models.yaml',
      'providers.yaml',
      'routes.yaml',
    ]);
    expect(await lab.run('headgate validate tree')).toMatchObject({ status: 0, stderr: '' });
    const again = await lab.run('headgate import litellm whole.yaml --out tree');
    expect(again).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: already there: tree\//),
    });
  });

  test('without a folder it prints', async () => {
    const { status, stdout } = await lab.run('headgate import litellm whole.yaml');
    expect({ status, titles: stdout.match(/^# \S+$/gm) }).toEqual({
      status: 0,
      titles: ['# providers.yaml', '# models.yaml', '# routes.yaml', '# .boot-settings.sample.yaml'],
    });
  });

  test('what is left out is told, and counts where it is asked to', async () => {
    const told = { stderr: expect.stringContaining('part.yaml:9  litellm_settings.cache: headgate has no setting') };
    expect(await lab.run('headgate import litellm part.yaml')).toMatchObject({ status: 0, ...told });
    expect(await lab.run('headgate import litellm part.yaml --strict')).toMatchObject({ status: 1, ...told });
  });

  test('text that is no YAML is told with its line', async () => {
    const { status, stderr } = await lab.run('headgate import agentgateway broken.yaml');
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/^error: broken\.yaml:\d+: /) });
  });
});
