import type { DemoStack } from './stack/demo-stack.ts';
import type { StoryNotes } from './story-notes.ts';

/** One thing that must hold after a step, and what was seen. */
export interface Check {
  readonly what: string;
  readonly expected: string;
  readonly seen: string;
  readonly holds: boolean;
}

export interface StepResult {
  /** What was done, one sentence a line. */
  readonly did: readonly string[];
  /** What was seen, as lines for the terminal. */
  readonly saw: readonly string[];
  readonly checks: readonly Check[];
}

/** A step of the story. It may rely on the steps before it. */
export interface Step {
  readonly letter: string;
  readonly title: string;
  readonly run: (stack: DemoStack, notes: StoryNotes) => Promise<StepResult>;
}

/** A check that two things are equal, compared and shown as JSON. */
export function checkEqual(what: string, seen: unknown, expected: unknown): Check {
  const [seenText, expectedText] = [JSON.stringify(seen) ?? 'nothing', JSON.stringify(expected) ?? 'nothing'];
  return { what, expected: expectedText, seen: seenText, holds: seenText === expectedText };
}

/** A check by a condition that words describe. */
export function checkThat(what: string, holds: boolean, expected: string, seen: string | number): Check {
  return { what, expected, seen: String(seen), holds };
}
