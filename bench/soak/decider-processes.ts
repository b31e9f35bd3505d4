import { type DeciderProcess, startDeciderProcess } from '../../test/support/decider-process.ts';

/** Deciders of their own, which can be restarted. */
export interface DeciderProcesses {
  /** In order, one after the other: the others serve meanwhile. `isBack` resolves when proxies ask it again. */
  readonly restartAll: (isBack: (name: string) => Promise<unknown>) => Promise<void>;
}

/** Starts so many deciders of the control plane of a folder; resolves when all can decide. */
export async function startDeciders(
  owned: AsyncDisposableStack,
  folder: string,
  count: number,
): Promise<DeciderProcesses> {
  const running = new Map<string, DeciderProcess>();
  owned.defer(async () => {
    await Promise.all([...running.values()].map((decider) => decider.process.close()));
  });
  const start = async (name: string): Promise<void> => {
    const decider = await startDeciderProcess(folder, name);
    running.set(name, decider);
    await decider.ready();
  };
  for (let number = 1; number <= count; number += 1) await start(`decider-${number}`);
  return {
    restartAll: async (isBack) => {
      for (const [name, decider] of [...running]) {
        await decider.process.close();
        await start(name);
        await isBack(name);
      }
    },
  };
}
