import { type OpaCall, type OpaExit, runOpa } from './opa-process.ts';

/** opa processes at a time while modules are read. */
const PARSES_AT_A_TIME = 4;

/** What `opa parse` makes of each file: it takes one at a time. */
export async function parseModules(call: OpaCall, root: string, files: readonly string[]): Promise<OpaExit[]> {
  const exits: OpaExit[] = [];
  const options = ['--format', 'json', '--json-include', 'locations,-comments'];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < files.length) {
      const index = next;
      next += 1;
      exits[index] = await runOpa(call, root, ['parse', ...options, files[index] ?? '']);
    }
  };
  await Promise.all(Array.from({ length: PARSES_AT_A_TIME }, worker));
  return exits;
}
