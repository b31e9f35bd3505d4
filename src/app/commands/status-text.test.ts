import { describe, expect, test } from 'vitest';
import type { ProxyStatus, ServerStatus } from '../control/server-status.ts';
import { describeStatus, statusChanges } from './status-text.ts';

const NOW_MS = Date.UTC(2026, 0, 2);
const DAY_MS = 86_400_000;
const [DIGEST, COMMIT] = [`sha256:${'a'.repeat(64)}`, 'c'.repeat(40)] as const;

const STATUS: ServerStatus = {
  conditions: [],
  version: '1',
  source: { url: 'https://git.example.com/config.git', ref: 'refs/heads/main' },
  ...{ proxies: [], engines: [], secrets: [], records: { written: 0, dropped: 0 } },
};
const SOURCE_LINE = 'source    https://git.example.com/config.git refs/heads/main';

function proxy(node: string, parts: Partial<ProxyStatus> = { digest: DIGEST }): ProxyStatus {
  return { node, fleet: 'edge', version: '1.40.0', connectedAtMs: 0, ...parts };
}

/** The lines before the first empty one. */
function facts(parts: Partial<ServerStatus>): string[] {
  return (
    describeStatus({ ...STATUS, ...parts }, NOW_MS)
      .split('\n\n')[0]
      ?.split('\n') ?? []
  );
}

describe('the facts of a status', () => {
  test.each<[string, Partial<ServerStatus>, string[]]>([
    ['of a server that just started', {}, [SOURCE_LINE, 'live      nothing yet']],
    [
      'of one that serves, with its newest commit rejected',
      {
        live: { digest: DIGEST, commit: COMMIT },
        newest: { kind: 'rejected', commit: 'd'.repeat(40), diagnostics: '' },
      },
      [SOURCE_LINE, 'live      cccccccccccc  sha256:aaaaaaaaaaaa', 'newest    dddddddddddd  rejected'],
    ],
    [
      'of one whose disk takes nothing',
      { storeFailure: 'cannot write /state/bundles' },
      [
        SOURCE_LINE,
        'live      nothing yet',
        'state     cannot write /state/bundles; a restart would not serve what is live',
      ],
    ],
    [
      'of one whose source fails, is suspended and overridden',
      {
        source: {
          ...STATUS.source,
          ...{ commit: COMMIT, revision: `main@sha1:${COMMIT}`, fetchedAtMs: NOW_MS - 90_000, failure: 'no route' },
          fetchFailed: {
            ...{ reason: 'GitOperationFailed', code: 'git-network', message: 'no route' },
            ...{ sinceMs: NOW_MS - 300_000, count: 4 },
          },
          verified: { status: 'True', commit: COMMIT, signer: 'alice@example.com' },
          revert: { branch: 'headgate/revert-c', commit: COMMIT, pushed: false, why: 'read only' },
          suspended: { reason: 'a freeze', sinceMs: NOW_MS - 3_600_000 },
          override: {
            ...{ from: { kind: 'commit', commit: COMMIT }, reason: 'the way out' },
            ...{ sinceMs: NOW_MS, untilMs: NOW_MS + 7_200_000 },
          },
        },
      },
      [
        `${SOURCE_LINE}  main@sha1:${COMMIT}, fetched 1m ago`,
        '          FetchFailed GitOperationFailed, 4 times in 5m: no route',
        '          cccccccccccc is signed by alice@example.com',
        '          taken back by headgate/revert-c (not pushed: read only)',
        '          suspended 1h ago: a freeze',
        `          overridden by ${COMMIT} (2h left, until 2026-01-02T02:00:00Z): the way out`,
        'live      nothing yet',
      ],
    ],
    [
      'of one whose certificate ends soon and whose new one does not fit',
      {
        tls: {
          certificates: [
            { use: 'server', subject: 'CN=headgate', expiresAtMs: NOW_MS + 3 * DAY_MS },
            { use: 'client-authority', subject: 'CN=proxies', expiresAtMs: NOW_MS + 300 * DAY_MS },
          ],
          failure: 'key does not fit certificate',
        },
      },
      [
        SOURCE_LINE,
        'live      nothing yet',
        'tls       the certificate files are not taken: key does not fit certificate',
        '          server CN=headgate expires in 3d, 2026-01-05T00:00:00Z',
      ],
    ],
  ])('%s', (_what, parts, lines) => {
    expect(facts(parts)).toEqual(lines);
  });
});

describe('the proxies of a status', () => {
  const shown = (proxies: readonly ProxyStatus[]) => describeStatus({ ...STATUS, proxies }, NOW_MS);

  test('are all shown in a small fleet', () => {
    const text = shown([
      proxy('edge-1'),
      proxy('edge-2', { held: 'unknown-fleet' }),
      proxy('edge-3', { outdated: DIGEST }),
    ]);
    const rows = text.split('\n').filter((line) => line.startsWith('│'));
    expect(rows.map((row) => row.replaceAll(/[│\s]+/g, ' ').trim())).toEqual([
      'proxy fleet envoy acknowledged',
      'edge-1 edge 1.40.0 sha256:aaaaaaaaaaaa',
      'edge-2 edge 1.40.0 unknown-fleet',
      'edge-3 edge 1.40.0 on its way',
      'serves sha256:aaaaaaaaaaaa, which is no longer live',
    ]);
  });

  test('are counted in a large one, and those shown that need somebody', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => proxy(`edge-${index}`));
    const text = shown([...many, proxy('edge-x', { refusal: 'Address in use' })]);
    expect(text).toContain('1001 proxies, 1 of them not on what they are offered (headgate fleet)');
    expect(text).toContain('│ edge-x │ edge  │ 1.40.0 │ Address in use │');
    expect(text).not.toContain('edge-7 ');
  });
});

test('deciders of their own are shown with what they lack', () => {
  const decider = {
    name: 'one',
    version: '1',
    address: '10.0.0.1:18001',
    state: 'asked',
    lacks: [],
    decided: 7,
  } as const;
  const deciders = [decider, { ...decider, name: 'two', address: '', state: 'behind', lacks: [DIGEST] }] as const;
  const rows = describeStatus({ ...STATUS, deciders }, NOW_MS)
    .split('\n')
    .filter((line) => line.startsWith('│'));
  expect(rows.map((row) => row.replaceAll(/[│\s]+/g, ' ').trim())).toEqual([
    'decider address version state decided',
    'one 10.0.0.1:18001 1 asked 7',
    'two none 1 lacks sha256:aaaaaaaaaaaa 7',
  ]);
});

test('a watch tells what is new, and what stands no more', () => {
  const before: ServerStatus = { ...STATUS, proxies: [proxy('edge-1', {}), proxy('edge-2')], storeFailure: 'full' };
  const ready = { type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded', message: '' } as const;
  const after: ServerStatus = {
    ...STATUS,
    conditions: [{ ...ready, lastTransitionTime: '' }],
    live: { digest: DIGEST, commit: COMMIT },
    proxies: [proxy('edge-1')],
  };
  expect(statusChanges(before, undefined)).toEqual([
    'state: full',
    'proxy edge-1: on its way',
    'proxy edge-2: sha256:aaaaaaaaaaaa',
  ]);
  expect(statusChanges(after, before)).toEqual([
    'live: cccccccccccc sha256:aaaaaaaaaaaa',
    'Ready: True ReconciliationSucceeded',
    'proxy edge-1: sha256:aaaaaaaaaaaa',
    'state: no more',
    'proxy edge-2: no more',
  ]);
});
