import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from './replace-file.ts';

/** As far as the file looks into an event. */
export interface KeptEvent {
  readonly id: string;
  /** RFC 3339. */
  readonly time: string;
}

/** Events on their way to one receiver, for the case that the process ends before they are there. */
export interface KeptEvents<Event extends KeptEvent> {
  /** What an earlier process did not bring to its end, in its order. */
  readonly undelivered: readonly Event[];
  /** Nobody waits for the disk. */
  readonly add: (event: Event) => void;
  /** It came to its end, and is not to be sent by a later process. */
  readonly done: (id: string) => void;
  /** Resolves when what was said is on the disk, or could not be brought there. */
  readonly flushed: () => Promise<void>;
}

export interface KeptEventsOptions {
  readonly nowMs: () => number;
  readonly onFailure: (cause: unknown) => void;
}

/** After a day nobody waits for it any more. */
const AGE_MS_MAX = 86_400_000;
/** Lines of which most say nothing any more; a thousand events may wait. */
const LINES_MAX = 4_096;
const OWNER_ALONE = 0o600;

type Line = { readonly event: KeptEvent } | { readonly done: string };

/**
 * Goes on with the file of an earlier process: a line for each event, and one for its end. A line that a crash cut short
 * is passed over. Where the disk takes none, what waits is in memory alone, and written whole once it takes some again.
 */
export async function openKeptEvents<Event extends KeptEvent>(
  path: string,
  { nowMs, onFailure }: KeptEventsOptions,
): Promise<KeptEvents<Event>> {
  const waiting = await readWaiting<Event>(path, nowMs() - AGE_MS_MAX);
  let unwritten = '';
  let lines = 0;
  /** What stands in the file is not what is known here. */
  let isStale = waiting !== undefined;
  const events = waiting ?? new Map<string, Event>();
  let running: Promise<void> | undefined;

  const writeNext = async (): Promise<void> => {
    const text = unwritten;
    unwritten = '';
    if (!isStale && lines < LINES_MAX) {
      lines += text.split('\n').length - 1;
      await append(path, text);
      return;
    }
    const all = [...events.values()].map((event) => lineOf({ event }));
    lines = all.length;
    if (all.length === 0) await rm(path, { force: true });
    else await replaceFile(path, [Buffer.from(all.join(''))]);
    isStale = false;
  };
  const run = async (): Promise<void> => {
    try {
      while (isStale || unwritten !== '') await writeNext();
    } catch (cause) {
      isStale = true;
      onFailure(cause);
    }
    // In the same turn as the last look at what is unwritten: whoever comes from now on starts anew.
    running = undefined;
  };
  const say = (line: Line): void => {
    unwritten += lineOf(line);
    running ??= run();
  };
  if (isStale) running = run();
  return {
    undelivered: [...events.values()],
    add: (event) => {
      events.set(event.id, event);
      say({ event });
    },
    done: (id) => {
      if (events.delete(id)) say({ done: id });
    },
    flushed: async () => running,
  };
}

/** Undefined where there is no file. */
async function readWaiting<Event extends KeptEvent>(
  path: string,
  oldestMs: number,
): Promise<Map<string, Event> | undefined> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const events = new Map<string, Event>();
  for (const line of text.split('\n')) {
    const read = readLine(line);
    if (read === undefined) continue;
    if ('done' in read) events.delete(read.done);
    else if (Date.parse(read.event.time) >= oldestMs) events.set(read.event.id, read.event as Event);
  }
  return events;
}

function readLine(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Partial<{ event: Partial<KeptEvent>; done: string }>;
    if (typeof line.done === 'string') return { done: line.done };
    const { id, time } = line.event ?? {};
    return typeof id === 'string' && typeof time === 'string' ? (line as Line) : undefined;
  } catch {
    return undefined;
  }
}

function lineOf(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

async function append(path: string, text: string): Promise<void> {
  const file = await open(path, 'a', OWNER_ALONE);
  try {
    await file.appendFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}
