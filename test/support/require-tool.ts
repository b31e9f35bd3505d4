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
