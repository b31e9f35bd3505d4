import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import type { CommitStatus } from '../../io/forge/commit-status.ts';
import { Outbox, type OutboxClock, type OutboxEnd, type OutboxOptions } from '../../io/forge/outbox.ts';
import { type CloudEvent, sendEvent } from '../../io/forge/send-event.ts';
import { sendStatus } from '../../io/forge/send-status.ts';
import type { XdsServerEvent } from '../../io/grpc/xds-events.ts';
import { type AuditLog, openAuditLog } from '../../io/store/audit-log.ts';
import type { ControlEvent } from '../control/control-event.ts';
import { logControlEvent } from '../control/log-control-event.ts';
import type { Log } from '../log.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import type { EventSettings, ReportingSettings, StatusSettings } from '../settings/reporting-settings.ts';
import { valueReader } from '../settings/value-source.ts';
import type { SourceEvent } from '../source/source-event.ts';
import { AUDIT_FOLDER } from './audit-folder.ts';
import { cloudEvent, noticeData } from './cloud-events.ts';
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

type OpenOutbox = Pick<Outbox<unknown>, 'waiting' | 'close'>;

type OutboxMaker = <Item>(
  name: string,
  keep: OutboxOptions<Item>['keep'],
  send: OutboxOptions<Item>['send'],
) => Outbox<Item>;

/** Opens the audit file, and a queue for each of those who want to be told. Throws StoreError where the file cannot be had. */
export async function startReporting(boot: BootSettings, registry: Registry, log: Log): Promise<Reporting> {
  const settings = boot.reporting;
  const audit = await openAuditLog(join(boot.stateDirectory, AUDIT_FOLDER), {
    nowMs: Date.now,
    onFailure: (cause) => log.error({ cause: String(cause) }, 'audit file'),
  });
  const outboxes = new Map<string, OpenOutbox>();
  const metrics = reportMetrics(registry, () =>
    Object.fromEntries([...outboxes].map(([name, outbox]) => [name, outbox.waiting])),
  );
  const makeOutbox: OutboxMaker = (name, keep, send) => {
    const onEnd = (end: OutboxEnd, why: string): void => {
      metrics.count(name, end);
      if (end !== 'delivered') log.warn({ destination: name, why }, `report ${end}`);
    };
    const outbox = new Outbox({ keep, send, onEnd, clock: CLOCK, random: Math.random });
    outboxes.set(name, outbox);
    return outbox;
  };
  const statuses = settings.statuses === undefined ? undefined : statusOutbox(settings.statuses, makeOutbox);
  const events = settings.events.map((target, index) => eventOutbox(target, `events-${index + 1}`, makeOutbox));
  let proxies: () => readonly ReportedProxy[] = () => [];
  const reporter = new Reporter({
    naming: namingOf(settings),
    proxies: () => proxies(),
    monotonicMs: () => performance.now(),
    onStatus: (status) => statuses?.put(`${status.commit} ${status.context}`, status),
    onNotice: (notice) => {
      audit.append(noticeData(notice));
      const event = cloudEvent(notice, settings.installation, Date.now());
      for (const outbox of events) outbox.put(event.subject, event);
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
    close: () => closeAll(reporter, [...outboxes.values()], audit),
  };
}

function namingOf({ installation, statuses }: ReportingSettings) {
  return { installation, ...(statuses?.link === undefined ? {} : { link: statuses.link }) };
}

/** The newest state of a commit and context is the one that counts. */
function statusOutbox({ target, token }: StatusSettings, make: OutboxMaker): Outbox<CommitStatus> {
  const read = valueReader(token);
  return make(target.kind, 'newest', (status: CommitStatus, signal) => sendStatus(target, status, read(), signal));
}

/** Events of one commit come in their order, each of them. */
function eventOutbox({ target, secret }: EventSettings, name: string, make: OutboxMaker): Outbox<CloudEvent> {
  const read = valueReader(secret);
  return make(name, 'all', (event: CloudEvent, signal) =>
    sendEvent(target, event, { secret: read(), nowMs: Date.now() }, signal),
  );
}

async function closeAll(reporter: Reporter, outboxes: readonly OpenOutbox[], audit: AuditLog): Promise<void> {
  reporter.close();
  await Promise.all(outboxes.map((outbox) => outbox.close(CLOSE_MS)));
  await audit.close();
}
