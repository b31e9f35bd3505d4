import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';
import { ToolMissing, type ToolName, toolPath } from '../../src/io/tools/find-tool.ts';

/**
 * A suite that runs a real program, whose path the body receives. Where the program is missing the suite is skipped
 * and the closing lines of the run say so; with `CI=true` it fails instead, so that no pipeline passes by skipping.
 */
export function describeWithTool(tool: ToolName, name: string, body: (path: string) => void): void {
  const path = toolPath(tool);
  const missing = path === undefined ? new ToolMissing(tool) : undefined;
  describeUnless(missing, name, () => body(path ?? ''));
}

/** The same for a program that git or a test runs by itself, such as gpg: any version that is on PATH will do. */
export function describeWithProgram(program: 'gpg' | 'ssh' | 'ssh-keygen', name: string, body: () => void): void {
  describeUnless(isThere(program) ? undefined : new Error(`there is no ${program}: install it`), name, body);
}

/** The same for a shell that pipelines need not have: where it is missing the run says so, and passes. */
export function describeWhereInstalled(shell: 'zsh' | 'fish', name: string, body: () => void): void {
  if (isThere(shell)) describe(name, body);
  else describe.skip(`${name} (there is no ${shell})`, body);
}

function isThere(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0;
}

function describeUnless(missing: Error | undefined, name: string, body: () => void): void {
  if (missing === undefined) {
    describe(name, body);
    return;
  }
  if (process.env.CI === 'true') throw missing;
  describe.skip(`${name} (${missing.message})`, body);
}
