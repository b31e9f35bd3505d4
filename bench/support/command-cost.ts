import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { present } from '../../src/core/base/assert.ts';
import { peakResidentMebibytes, processorSecondsOfAll } from './processor-time.ts';

/** What one run of the headgate command cost, from the start of its launcher to its end. */
export interface CommandCost {
  readonly wholeMs: number;
  /** Processor time, with that of the programs that it starts, as it was last looked at. */
  readonly processorMs: number;
  /** The most memory that it held when it was last looked at; programs that it starts are not counted. */
  readonly memoryMebibytes: number;
}

const LAUNCHER = join(import.meta.dirname, '../../bin/headgate');
/** Memory grows for hundreds of milliseconds: looked at this often, what is missed at the end is little. */
const LOOK_EVERY_MS = 20;

/** Runs `bin/headgate`; throws where it does not end well. */
export async function commandCost(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<CommandCost> {
  const startedAtMs = performance.now();
  const child = spawn(LAUNCHER, argv, { env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  const pid = present(child.pid, 'the process of headgate');
  let memoryMebibytes = 0;
  let processorMs = 0;
  const timer = setInterval(() => {
    memoryMebibytes = Math.max(
      memoryMebibytes,
      now(() => peakResidentMebibytes(pid)),
    );
    processorMs = Math.max(
      processorMs,
      now(() => processorSecondsOfAll(pid) * 1_000),
    );
  }, LOOK_EVERY_MS);
  const [status] = await once(child, 'exit');
  clearInterval(timer);
  if (status !== 0) throw new Error(`headgate ${argv.join(' ')} ended with ${status}`);
  return { wholeMs: performance.now() - startedAtMs, processorMs, memoryMebibytes };
}

/** Zero for a process that has just ended. */
function now(look: () => number): number {
  try {
    return look() || 0;
  } catch {
    return 0;
  }
}
