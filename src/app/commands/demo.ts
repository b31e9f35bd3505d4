import { Command } from 'commander';
import { howToGoOn } from '../demo/how-to-go-on.ts';
import { startStack } from '../demo/stack/demo-stack.ts';
import { STORY } from '../demo/story.ts';
import { tellStory } from '../demo/tell-story.ts';
import { EXIT_FINDINGS } from './exit.ts';

interface DemoOptions {
  readonly once?: true;
  readonly keep?: string;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'Start a whole gateway on this machine (simulated GPUs, real Git, OPA and Envoy) and show what it does',
    )
    .option('--once', 'end after the story; the exit status is 1 if a step did not hold')
    .option('--keep <dir>', 'put the repository, the settings and the logs here, and leave them')
    .addHelpText('after', '\nExample:\n  headgate demo\n  headgate demo --once')
    .action(runDemo);
}

async function runDemo(options: DemoOptions): Promise<void> {
  const ended = endSignal();
  const owned = new AsyncDisposableStack();
  let isTold = false;
  try {
    isTold = await tell(owned, options, ended);
  } catch (cause) {
    // What is interrupted may fail in any way.
    if (!ended.signal.aborted) throw cause;
  } finally {
    await owned.disposeAsync();
  }
  // The step that ran may still wait for what is gone.
  if (!isTold) process.exit(EXIT_INTERRUPTED);
}

/** True when the story was told to its end. */
async function tell(owned: AsyncDisposableStack, options: DemoOptions, ended: EndSignal): Promise<boolean> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  print('Starting 4 simulated GPU servers, a provider behind TLS, a Git repository, headgate and 2 Envoys ...');
  const stack = await startStack(owned, options.keep === undefined ? {} : { folder: options.keep });
  const story = tellStory(stack, STORY, { print, signal: ended.signal });
  const notHeld = (await Promise.race([story, ended.promise])) ?? [];
  if (ended.signal.aborted) return false;
  print('');
  print(notHeld.length === 0 ? 'Every step held.' : `Steps that did not hold: ${notHeld.join(', ')}`);
  if (notHeld.length > 0) process.exitCode = EXIT_FINDINGS;
  if (options.once) return true;
  print('');
  for (const line of howToGoOn(stack)) print(line);
  await ended.promise;
  return true;
}

/** What shells take for "ended by Ctrl-C". */
const EXIT_INTERRUPTED = 130;

/** SIGINT or SIGTERM, both as a promise and as a signal for what runs. */
interface EndSignal {
  readonly promise: Promise<undefined>;
  readonly signal: AbortSignal;
}

function endSignal(): EndSignal {
  const controller = new AbortController();
  const promise = new Promise<undefined>((resolve) => {
    const end = () => {
      controller.abort();
      resolve(undefined);
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
  return { promise, signal: controller.signal };
}
