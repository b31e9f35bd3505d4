import { describeFailure } from '../commands/exit.ts';
import type { DemoStack } from './stack/demo-stack.ts';
import type { Step } from './step.ts';
import { createNotes } from './story-notes.ts';
import { headLine, type StepEnd, stepHeld, stepLines } from './tell-step.ts';

export interface Telling {
  readonly print: (line: string) => void;
  /** Ends the story after the step that runs. */
  readonly signal: AbortSignal;
}

/** Runs the steps in order and tells each; gives the letters of those that did not hold. */
export async function tellStory(stack: DemoStack, story: readonly Step[], telling: Telling): Promise<string[]> {
  const notes = createNotes();
  const notHeld: string[] = [];
  for (const step of story) {
    if (telling.signal.aborted) break;
    telling.print('');
    telling.print(headLine(step));
    const startedMs = performance.now();
    const end = await runStep(() => step.run(stack, notes));
    if (telling.signal.aborted) break;
    for (const line of stepLines(end, performance.now() - startedMs)) telling.print(line);
    if (!stepHeld(end)) notHeld.push(step.letter);
  }
  return notHeld;
}

async function runStep(run: () => ReturnType<Step['run']>): Promise<StepEnd> {
  try {
    return { kind: 'done', result: await run() };
  } catch (cause) {
    return { kind: 'failed', message: describeFailure(cause) };
  }
}
