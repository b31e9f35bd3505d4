import { setTimeout as sleep } from 'node:timers/promises';
import { Option } from 'commander';
import { describeFailure } from './exit.ts';
import { askPage } from './server-client.ts';

/** A page of the admin API, as commands show it. */
export interface ShownPage<View> {
  readonly path: string;
  readonly text: (view: View, nowMs: number) => string;
  /** What is new since an earlier answer, a line for each; of the first answer what stands. */
  readonly changes: (view: View, before: View | undefined) => readonly string[];
}

export interface ShowOptions {
  readonly server: string;
  readonly json?: true;
  readonly watch?: true;
}

/** What is written to, and how its reader sees it. */
interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

interface Surroundings {
  readonly screen: Screen;
  /** Ends a watch; one that is aborted already shows the page once. */
  readonly stop: AbortSignal;
  readonly intervalMs?: number;
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON; with --watch an object a line');
}

export function watchOption(): Option {
  return new Option('--watch', 'go on until SIGINT: redraw on a terminal, else print a line for each change');
}

/** Soon enough for a person; the server says in a word when nothing changed. */
const WATCH_INTERVAL_MS = 1_000;
/** To the first place, and all below it cleared. */
const CLEAR_SCREEN = '\u001b[H\u001b[J';

/** Shows a page, once or until SIGINT. Gives the last answer. Throws as askPage does where the first ask fails. */
export async function showPage<View>(
  page: ShownPage<View>,
  options: ShowOptions,
  surroundings: Surroundings = { screen: process.stdout, stop: options.watch ? interrupted() : AbortSignal.abort() },
): Promise<View> {
  const { server } = options;
  const { screen, stop, intervalMs = WATCH_INTERVAL_MS } = surroundings;
  const show = painter(page, options, screen);
  const first = await askPage(server, 'GET', page.path);
  let view = first.body as View;
  let { tag } = first;
  show(view, undefined);
  let failure = '';
  while (await waited(stop, intervalMs)) {
    try {
      const next = await askPage(server, 'GET', page.path, tag === undefined ? {} : { ifChangedFrom: tag });
      failure = '';
      const before = view;
      if (next.body !== undefined) [view, tag] = [next.body as View, next.tag];
      show(view, before);
    } catch (cause) {
      const told = describeFailure(cause);
      if (told !== failure) process.stderr.write(`headgate: ${told}\n`);
      failure = told;
    }
  }
  return view;
}

/** Called at every look; the two are one object where nothing changed. */
function painter<View>(
  page: ShownPage<View>,
  { json, watch }: ShowOptions,
  screen: Screen,
): (view: View, before: View | undefined) => void {
  if (json) {
    return (view, before) => {
      if (view !== before) screen.write(`${JSON.stringify(view)}\n`);
    };
  }
  if (!watch) return (view) => void screen.write(page.text(view, Date.now()));
  // Ages grow while nothing changes.
  if (screen.isTTY) return (view) => void screen.write(`${CLEAR_SCREEN}${page.text(view, Date.now())}`);
  return (view, before) => {
    for (const line of page.changes(view, before)) screen.write(`${new Date().toISOString()} ${line}\n`);
  };
}

/** Resolves with whether there is another look, after the time between two of them. */
async function waited(stop: AbortSignal, intervalMs: number): Promise<boolean> {
  await sleep(intervalMs, undefined, { signal: stop }).catch(() => undefined);
  return !stop.aborted;
}

/** Aborts at SIGINT and SIGTERM: the command then ends as one that is done. */
function interrupted(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}
