import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Outbox, type OutboxOptions } from '../../io/forge/outbox.ts';
import { type CloudEvent, sendEvent } from '../../io/forge/send-event.ts';
import { openKeptEvents } from '../../io/store/kept-events.ts';
import type { EventSettings } from '../settings/reporting-settings.ts';
import { valueReader } from '../settings/value-source.ts';

/** One receiver of events. */
export interface EventDestination {
  readonly put: (event: CloudEvent) => void;
  readonly outbox: Outbox<CloudEvent>;
  /** Ends the queue, and resolves when what is left is on the disk. */
  readonly close: (graceMs: number) => Promise<void>;
}

export interface EventDestinationOptions extends Pick<OutboxOptions<CloudEvent>, 'onEnd' | 'clock' | 'random'> {
  /** Where what waits is kept for the next process. */
  readonly directory: string;
  readonly onFailure: (cause: unknown) => void;
}

const FILE_ID_CHARACTERS = 16;

/**
 * Each event is sent at least once, in the order of its commit, by this process or a later one, unless the receiver
 * refuses it or a day goes by. It keeps its id.
 */
export async function openEventDestination(
  { target, secret }: EventSettings,
  { directory, onFailure, onEnd, clock, random }: EventDestinationOptions,
): Promise<EventDestination> {
  const kept = await openKeptEvents<CloudEvent>(join(directory, fileOf(target.url)), { nowMs: Date.now, onFailure });
  const read = valueReader(secret);
  const outbox = new Outbox<CloudEvent>({
    ...{ keep: 'all', clock, random },
    send: (event, signal) => sendEvent(target, event, { secret: read(), nowMs: Date.now() }, signal),
    onEnd: (end, why, event) => {
      if (end !== 'left') kept.done(event.id);
      onEnd(end, why, event);
    },
  });
  for (const event of kept.undelivered) outbox.put(event.subject, event);
  return {
    outbox,
    put: (event) => {
      kept.add(event);
      outbox.put(event.subject, event);
    },
    close: async (graceMs) => {
      await outbox.close(graceMs);
      await kept.flushed();
    },
  };
}

/** Forgets what waits for receivers that are in the settings no more. */
export async function forgetOtherDestinations(directory: string, settings: readonly EventSettings[]): Promise<void> {
  const known = new Set(settings.map(({ target }) => fileOf(target.url)));
  const files = await readdir(directory).catch(() => []);
  for (const file of files) if (!known.has(file)) await rm(join(directory, file), { force: true });
}

/** An address may hold a key: it names no file. */
function fileOf(url: string): string {
  return `${createHash('sha256').update(url).digest('hex').slice(0, FILE_ID_CHARACTERS)}.jsonl`;
}
