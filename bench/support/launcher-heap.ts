/** As the launcher of headgate bounds the heap (bin/headgate): a larger young space is taken in a storm and not given back. */
const HEAP_OPTIONS = '--max-semi-space-size=8 --max-old-space-size=1024';

/** Starts this program again with the heap of the product, in the same process; returns where it has that already. */
export function withLauncherHeap(): void {
  const given = process.env.NODE_OPTIONS ?? '';
  if (given.includes('semi-space-size') || process.execve === undefined) return;
  const options = `${HEAP_OPTIONS} --disable-warning=ExperimentalWarning ${given}`.trim();
  const program = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, program, { ...process.env, NODE_OPTIONS: options });
}
