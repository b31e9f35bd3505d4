import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createGitRepository } from '../../../test/support/git-repository.ts';
import { describeWithTool } from '../../../test/support/require-tool.ts';
import { present } from '../../core/base/assert.ts';
import { readAskedRequest } from '../../core/plan/asked-request.ts';
import { createPolicyCompiler } from '../revision/policy-compiler.ts';
import { explainAsked, explainFile } from './explain-tree.ts';

const EXAMPLE = join(import.meta.dirname, '../../../examples/quickstart');
const paths = readdirSync(EXAMPLE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.parentPath.includes('broken'))
  .map((entry) => join(entry.parentPath, entry.name).slice(EXAMPLE.length + 1));

describeWithTool('opa', 'a request that somebody thinks of', (opa) => {
  const compilePolicies = createPolicyCompiler(opa);
  const git = createGitRepository();
  afterAll(() => git.remove());
  const files = Object.fromEntries(paths.map((path) => [`gateway/${path}`, readFileSync(join(EXAMPLE, path), 'utf8')]));
  const commit = git.commit(files);
  const tree = join(git.path, 'gateway');

  async function explained(request: object) {
    const read = readAskedRequest(request);
    const result = read.ok ? await explainAsked(tree, read.value, compilePolicies) : undefined;
    return present(result?.ok === true ? result.value : undefined, 'an explanation');
  }

  test('is explained by the tree on disk, with the commit and the author of each line', async () => {
    const messages = [{ role: 'user', content: 'use {{sample aws-access-key}} please' }];
    const { record, places } = await explained({ model: 'chat-small', team: 'red', messages });
    expect(record.refusal).toEqual({ reason: 'policy-denied', code: 'secret-found' });
    const lastChange = { commit, author: 'Ada' };
    expect(places.map(({ what, origin, lastChange: change }) => [what, origin.file, change])).toEqual([
      ['route chat', 'routes/chat.yaml', expect.objectContaining(lastChange)],
      ['guardrail secrets', 'guardrails/secrets.yaml', expect.objectContaining(lastChange)],
      ['rule deny (secret-found)', 'policies/guardrails/secrets/secrets.rego', expect.objectContaining(lastChange)],
    ]);
  });

  test('leaves a record that is decided again to the same bytes', async () => {
    const { record } = await explained({ model: 'gpt-4o-mini', team: 'red', promptTokens: 9_000 });
    const written = JSON.parse(JSON.stringify(record));
    const again = await explainFile(tree, written, true, compilePolicies);
    expect(again).toMatchObject({ ok: true, value: { rerun: { kind: 'same' } } });
    const other = await explainFile(tree, { ...written, digest: 'sha256:00' }, true, compilePolicies);
    expect(other).toMatchObject({
      ok: true,
      value: { rerun: { kind: 'incomplete', missing: ['the revision sha256:00'] } },
    });
  });

  test('is not explained by a tree with errors', async () => {
    const read = readAskedRequest({ model: 'chat-small' });
    const asked = present(read.ok ? read.value : undefined, 'a request');
    const broken = await explainAsked(join(EXAMPLE, 'broken'), asked, compilePolicies);
    expect(broken).toMatchObject({ ok: false, error: expect.stringContaining('error[') });
  });
});
