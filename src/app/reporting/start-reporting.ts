import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import type { CommitStatus } from '../../io/forge/commit-status.ts';
import { Outbox, type OutboxClock, type OutboxEnd } from '../../io/forge/outbox.ts';
import { sendStatus } from '../../io/forge/send-status.ts';
import type { XdsServerEvent } from '../../io/grpc/xds-events.ts';
import { type AuditLog, openAuditLog } from '../../io/store/audit-log.ts';
import type { ControlEvent } from '../control/control-event.ts';
import { logControlEvent } from '../control/log-control-event.ts';
import type { Log } from '../log.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import type { ReportingSettings, StatusSettings } from '../settings/reporting-settings.ts';
import { valueReader } from '../settings/value-source.ts';
import type { SourceEvent } from '../source/source-event.ts';
import { AUDIT_FOLDER } from './audit-folder.ts';
import { cloudEvent, noticeData } from './cloud-events.ts';
import { type EventDestination, forgetOtherDestinations, openEventDestination } from './event-destination.ts';
import type { ReportedProxy } from './fleet-progress.ts';
import { reportMetrics } from './report-metrics.ts';
import { Reporter } from './reporter.ts';

/** Tells others what becomes of commits. Nothing here ever makes the control plane wait. */
export interface Reporting {
  readonly onControlEvent: (event: ControlEvent) => void;
  readonly onProxyEvent: (event: XdsServerEvent) => void;
  readonly onSourceEvent: (event: SourceEvent) => void;
  /** Whose proxies are counted. */
  readonly follow: (proxies: () => readonly ReportedProxy[]) => void;
  /** Tells what waits once more, and ends. */
  readonly close: () => Promise<void>;
}

/** What waits gets so long at the end of the process. */
const CLOSE_MS = 2_000;

const CLOCK: OutboxClock = {
  nowMs: () => performance.now(),
  wait: (ms, signal) => sleep(ms, undefined, { signal, ref: false }).catch(() => undefined),
};

type Closing = (graceMs: number) => Promise<void>;

/** The folder of undelivered events below the state folder. */
const EVENTS_FOLDER = 'events';

/** Opens the audit file, and a queue for each of those who want to be told. Throws StoreError where the file cannot be had. */
export async function startReporting(boot: BootSettings, registry: Registry, log: Log): Promise<Reporting> {
  const settings = boot.reporting;
  const audit = await openAuditLog(join(boot.stateDirectory, AUDIT_FOLDER), {
    nowMs: Date.now,
    onFailure: (cause) => log.error({ cause: String(cause) }, 'audit file'),
  });
  const waiting = new Map<string, () => number>();
  const closings: Closing[] = [];
  const metrics = reportMetrics(registry, () =>
    Object.fromEntries([...waiting].map(([name, count]) => [name, count()])),
  );
  const endOf = (name: string) => (end: OutboxEnd, why: string) => {
    metrics.count(name, end);
    if (end !== 'delivered') log.warn({ destination: name, why }, `report ${end}`);
  };
  const statuses = settings.statuses === undefined ? undefined : statusOutbox(settings.statuses, endOf);
  if (statuses !== undefined) {
    waiting.set(statuses.name, () => statuses.outbox.waiting);
    closings.push((graceMs) => statuses.outbox.close(graceMs));
  }
  const directory = join(boot.stateDirectory, EVENTS_FOLDER);
  await forgetOtherDestinations(directory, settings.events);
  const events: EventDestination[] = [];
  for (const [index, target] of settings.events.entries()) {
    const name = `events-${index + 1}`;
    const onFailure = (cause: unknown) => log.error({ destination: name, cause: String(cause) }, 'kept events');
    const destination = await openEventDestination(target, {
      ...{ directory, onFailure, onEnd: endOf(name), clock: CLOCK, random: Math.random },
    });
    events.push(destination);
    waiting.set(name, () => destination.outbox.waiting);
    closings.push(destination.close);
  }
  let proxies: () => readonly ReportedProxy[] = () => [];
  const reporter = new Reporter({
    naming: namingOf(settings),
    proxies: () => proxies(),
    monotonicMs: () => performance.now(),
    onStatus: (status) => statuses?.outbox.put(`${status.commit} ${status.context}`, status),
    onNotice: (notice) => {
      audit.append(noticeData(notice));
      const event = cloudEvent(notice, settings.installation, Date.now());
      for (const destination of events) destination.put(event);
    },
  });
  return {
    onControlEvent: (event) => {
      logControlEvent(log, event);
      // Whoever publishes comes first: to count thousands of proxies takes milliseconds.
      setImmediate(() => reporter.onControlEvent(event));
    },
    onProxyEvent: (event) => reporter.onProxyEvent(event),
    onSourceEvent: (event) => reporter.onSourceEvent(event),
    follow: (given) => {
      proxies = given;
    },
    close: () => closeAll(reporter, closings, audit),
  };
}

function namingOf({ installation, statuses }: ReportingSettings) {
  return { installation, ...(statuses?.link === undefined ? {} : { link: statuses.link }) };
}

/** The newest state of a commit and context is the one that counts. */
function statusOutbox(
  { target, token }: StatusSettings,
  endOf: (name: string) => (end: OutboxEnd, why: string) => void,
) {
  const read = valueReader(token);
  const outbox = new Outbox<CommitStatus>({
    ...{ keep: 'newest', clock: CLOCK, random: Math.random, onEnd: endOf(target.kind) },
    send: (status, signal) => sendStatus(target, status, read(), signal),
  });
  return { name: target.kind, outbox };
}

async function closeAll(reporter: Reporter, closings: readonly Closing[], audit: AuditLog): Promise<void> {
  reporter.close();
  await Promise.all(closings.map((close) => close(CLOSE_MS)));
  await audit.close();
}
