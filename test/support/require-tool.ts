import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';
import { ToolMissing, type ToolName, toolPath } from '../../src/io/tools/find-tool.ts';

/**
 * A suite that runs a real program, whose path the body receives. Where the program is missing the suite is skipped
 * and the closing lines of the run say so; with `CI=true` it fails instead, so that no pipeline passes by skipping.
 */
export function describeWithTool(tool: ToolName, name: string, body: (path: string) => void): void {
  const path = toolPath(tool);
  if (path !== undefined) {
    describe(name, () => body(path));
    return;
  }
  const missing = new ToolMissing(tool);
  if (process.env.CI === 'true') throw missing;
  describe.skip(`${name} (${missing.message})`, () => body(''));
}

/** Programs of the machine that the set-up does not bring: any version that is on PATH will do. */
type MachineProgram = 'gpg' | 'ssh' | 'ssh-keygen' | 'zsh' | 'fish';

/** A suite that needs a program of the machine: where it is missing the run says so, and passes. */
export function describeWhereInstalled(program: MachineProgram, name: string, body: () => void): void {
  if (isThere(program)) describe(name, body);
  else describe.skip(`${name} (there is no ${program})`, body);
}

function isThere(program: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0;
}
