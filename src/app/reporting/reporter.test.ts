import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { digestOfText } from '../../core/base/digest.ts';
import { diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { XdsServerEvent } from '../../io/grpc/xds-events.ts';
import type { ControlEvent } from '../control/control-event.ts';
import { cloudEvent } from './cloud-events.ts';
import type { ReportedProxy } from './fleet-progress.ts';
import { type Notice, Reporter } from './reporter.ts';

const commit = 'abc1230fedcba9876543210fedcba9876543210f';
const digest = digestOfText('a revision');
const at = { line: 31, column: 14 };
const findings = [diagnostic('HG6001', { file: 'fleets/edge.yaml', start: at, end: at }, 'Envoy refused Listener api')];

const validated: ControlEvent = { kind: 'validated', commit, digest, fleets: ['edge'], findings: [] };
const published: ControlEvent = { kind: 'published', commit, digest };
const serving: ControlEvent = { kind: 'serving', commit, digest };
const frozen: ControlEvent = { kind: 'frozen', commit, digest, diagnostics: 'as text', findings };

function proxy(node: string, fullyAcknowledged?: string): ReportedProxy {
  return { node, fleet: 'edge', held: undefined, offered: digest, fullyAcknowledged };
}

function refusal(node: string): XdsServerEvent {
  const typeUrl = 'type.googleapis.com/envoy.config.listener.v3.Listener';
  const refused = { typeUrl, revision: digest, names: ['api'], message: 'no', isolating: false };
  return { kind: 'rejected', stream: 1, node, fleet: 'edge', ...refused };
}

function lab(proxies: ReportedProxy[]) {
  const statuses: string[] = [];
  const notices: Notice[] = [];
  const reporter = new Reporter({
    naming: { installation: 'headgate' },
    proxies: () => proxies,
    onStatus: ({ context, state, description }) => statuses.push(`${context} ${state}: ${description}`),
    onNotice: (notice) => notices.push(notice),
    monotonicMs: () => Date.now(),
  });
  const tell = (...events: ControlEvent[]): void => {
    for (const event of events) reporter.onControlEvent(event);
  };
  return { reporter, statuses, notices, tell };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a rollout is told at its start, now and then, and at its end', () => {
  const proxies = [proxy('edge-1'), proxy('edge-2')];
  const { reporter, statuses, notices, tell } = lab(proxies);
  tell(validated, published);
  proxies[0] = proxy('edge-1', digest);
  const acknowledged = {
    kind: 'fully-acknowledged',
    stream: 1,
    node: 'edge-1',
    fleet: 'edge',
    revision: digest,
  } as const;
  reporter.onProxyEvent(acknowledged);
  expect(statuses.length).toBe(2);
  vi.advanceTimersByTime(5_000);
  proxies[1] = proxy('edge-2', digest);
  vi.setSystemTime(3_000);
  reporter.onProxyEvent({ ...acknowledged, node: 'edge-2' });
  vi.setSystemTime(5_000);
  tell(serving);
  vi.advanceTimersByTime(60_000);
  expect(statuses).toEqual([
    'headgate/validate success: validated',
    'headgate/serve/edge pending: 0/2 acknowledged on abc1230, 0 NACK',
    'headgate/serve/edge pending: 1/2 acknowledged on abc1230, 0 NACK',
    'headgate/serve/edge success: 2/2 acknowledged on abc1230, 0 NACK',
  ]);
  const progress = [{ fleet: 'edge', proxies: 2, acknowledged: 2, refused: 0, acknowledgeMs: 3_000 }];
  expect(notices.at(-1)).toEqual({ about: 'revision', ...serving, progress, acknowledgeMs: 5_000 });
  reporter.close();
});

test('refusals that come after the first are counted too', () => {
  const { reporter, statuses, tell } = lab([proxy('edge-1'), proxy('edge-2'), proxy('edge-3')]);
  tell(validated, published);
  reporter.onProxyEvent(refusal('edge-1'));
  tell({ kind: 'published', commit: 'before', digest: digestOfText('before') }, frozen);
  for (const node of ['edge-2', 'edge-3', 'edge-3']) reporter.onProxyEvent(refusal(node));
  vi.advanceTimersByTime(5_000);
  expect(statuses.slice(2)).toEqual([
    'headgate/serve/edge failure: rolled back: 1 NACK, fleets/edge.yaml:31',
    'headgate/serve/edge failure: rolled back: 3 NACKs, fleets/edge.yaml:31',
  ]);
  reporter.close();
});

test('a branch that takes a commit back is told beside the commit, and to those who want events', () => {
  const { reporter, statuses, notices, tell } = lab([proxy('edge-1')]);
  tell(validated, published);
  reporter.onProxyEvent(refusal('edge-1'));
  tell(frozen);
  const proposed = { kind: 'revert-proposed', commit, branch: 'headgate/revert-abc1230fedcb', pushed: true } as const;
  reporter.onSourceEvent(proposed);
  expect([statuses.at(-1), notices.at(-1)]).toEqual([
    'headgate/serve/edge failure: rolled back: 1 NACK, fleets/edge.yaml:31; headgate/revert-abc1230fedcb takes it back',
    { about: 'source', ...proposed },
  ]);
  reporter.close();
});

test('a commit that the source did not take is told so, and an order of an operator is no status', () => {
  const { reporter, statuses, notices } = lab([]);
  const refused = { kind: 'refused', commit, code: 'git-signer-unknown', message: 'signed by a stranger' } as const;
  reporter.onSourceEvent(refused);
  reporter.onSourceEvent({ kind: 'suspended' });
  expect(statuses).toEqual(['headgate/validate failure: not taken: signed by a stranger']);
  expect(notices).toEqual([
    { about: 'source', ...refused },
    { about: 'source', kind: 'suspended' },
  ]);
  expect(cloudEvent({ about: 'source', kind: 'suspended' }, 'prod-eu', 0)).toMatchObject({
    ...{ type: 'dev.headgate.source.suspended.v1', subject: 'source' },
  });
  reporter.close();
});

test('a commit whose content serves already is told at once', () => {
  const { reporter, statuses, tell } = lab([proxy('edge-1', digest)]);
  tell(validated, serving);
  expect(statuses.at(-1)).toBe('headgate/serve/edge success: 1/1 acknowledged on abc1230, 0 NACK');
  reporter.close();
});

test('waves are told, and a newer commit in the middle of them', () => {
  const { reporter, statuses, tell } = lab([proxy('edge-1', digest), proxy('edge-2')]);
  const wave = { commit, digest, fleet: 'edge', wave: 1, waves: 3 };
  tell(validated, { ...wave, kind: 'wave-started', proxies: 1 });
  tell({ kind: 'superseded', commit, digest, by: 'def4560fedcba9876543210fedcba9876543210f' });
  vi.advanceTimersByTime(5_000);
  expect(statuses.slice(1)).toEqual([
    'headgate/serve/edge pending: 1/2 acknowledged on abc1230, wave 1/3, 0 NACK',
    'headgate/serve/edge error: superseded by def4560',
  ]);
  reporter.close();
});

test('an event is one of CloudEvents, and quotes no line of the tree', () => {
  const { id, ...event } = cloudEvent({ about: 'revision', ...frozen, progress: [] }, 'prod-eu', 0);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(JSON.parse(JSON.stringify(event))).toEqual({
    specversion: '1.0',
    source: '/headgate/prod-eu',
    type: 'dev.headgate.revision.frozen.v1',
    subject: commit,
    time: '1970-01-01T00:00:00.000Z',
    datacontenttype: 'application/json',
    data: {
      ...{ about: 'revision', kind: 'frozen', commit, digest, progress: [], findingsTotal: 1 },
      findings: [
        {
          ...{ code: 'HG6001', severity: 'error', file: 'fleets/edge.yaml', line: 31, column: 14 },
          message: 'Envoy refused Listener api',
        },
      ],
    },
  });
});
