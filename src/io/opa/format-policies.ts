import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type OpaCall, runOpa } from './opa-process.ts';
import { type RegoModule, type RegoWorkspace, withRegoWorkspace } from './rego-workspace.ts';

/**
 * The modules as `opa fmt` writes them, in the same order; undefined for one that does not parse. Throws OpaFailure
 * when opa itself cannot be run.
 */
export async function formatPolicies(call: OpaCall, modules: readonly RegoModule[]): Promise<(string | undefined)[]> {
  if (modules.length === 0) return [];
  return await withRegoWorkspace(modules, async (workspace) => {
    if (await rewrite(call, workspace, workspace.files)) {
      return await Promise.all(workspace.files.map((file) => written(workspace, file)));
    }
    // One of them does not parse, and opa stops there: each by itself.
    const texts: (string | undefined)[] = [];
    for (const file of workspace.files) {
      texts.push((await rewrite(call, workspace, [file])) ? await written(workspace, file) : undefined);
    }
    return texts;
  });
}

async function rewrite(call: OpaCall, workspace: RegoWorkspace, files: readonly string[]): Promise<boolean> {
  const { status } = await runOpa(call, workspace.root, ['fmt', '--write', ...files]);
  return status === 0;
}

function written(workspace: RegoWorkspace, file: string): Promise<string> {
  return readFile(join(workspace.root, file), 'utf8');
}
