import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OperatorOrders, type OrderEvent } from './operator-orders.ts';
import { OVERRIDE_MS_MAX } from './source-control.ts';

const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const NOW_MS = 1_800_000_000_000;
let folder: string;
let nowMs: number;
let events: OrderEvent[];
let changes: number;
const opened: OperatorOrders[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headgate-orders-'));
  nowMs = NOW_MS;
  events = [];
  changes = 0;
});
afterEach(() => {
  for (const orders of opened.splice(0)) orders.close();
  rmSync(folder, { recursive: true });
});

async function open(source = 'repository main'): Promise<OperatorOrders> {
  const orders = await OperatorOrders.open({
    path: join(folder, 'source.json'),
    source,
    nowMs: () => nowMs,
    onChange: () => {
      changes += 1;
    },
    onEvent: (event) => events.push(event),
  });
  opened.push(orders);
  return orders;
}

const override = (untilMs: number) =>
  ({ from: { kind: 'commit', commit: COMMIT }, untilMs, reason: 'the signer is on a plane' }) as const;

test('two that come at one time are both kept, and so is what was handled last', async () => {
  const orders = await open();
  await Promise.all([orders.keepServed(COMMIT), orders.pin(COMMIT), orders.handling('noon', Promise.resolve())]);
  const again = await open();
  expect([again.served, again.state().pinned?.commit, again.handledReconcileAt]).toEqual([COMMIT, COMMIT, 'noon']);
});

describe('an order', () => {
  test('stands until it is withdrawn, also over a restart, and each is told', async () => {
    const orders = await open();
    await orders.suspend(' release freeze ');
    await orders.pin(COMMIT);
    await orders.override(override(NOW_MS + 1_000));
    await orders.keepServed(COMMIT);
    const again = await open();
    expect([again.state(), again.served, changes]).toEqual([
      {
        suspended: { reason: 'release freeze', sinceMs: NOW_MS },
        pinned: { commit: COMMIT, sinceMs: NOW_MS },
        override: { ...override(NOW_MS + 1_000), sinceMs: NOW_MS },
      },
      COMMIT,
      3,
    ]);
    await again.resume();
    await again.unpin();
    await again.endOverride();
    await again.endOverride();
    expect((await open()).state()).toEqual({});
    expect(events.map(({ kind }) => kind)).toEqual([
      'suspended',
      'pinned',
      'overridden',
      'overridden',
      'resumed',
      'unpinned',
      'override-ended',
    ]);
  });

  test('to override ends by itself', async () => {
    nowMs = Date.now();
    const orders = await open();
    await orders.override(override(nowMs + 20));
    nowMs += 20;
    expect(orders.state()).toEqual({});
    await expect.poll(() => events.map(({ kind }) => kind)).toEqual(['overridden', 'override-expired']);
    expect(changes).toBe(2);
  });

  test('to override that ended while nobody ran is no more', async () => {
    await (await open()).override(override(NOW_MS + 1_000));
    nowMs += 1_000;
    expect((await open()).state()).toEqual({});
  });

  test('that is none is refused and changes nothing', async () => {
    const orders = await open();
    const directory = (path: string) => ({
      ...override(NOW_MS + 1),
      from: { kind: 'directory' as const, directory: path },
    });
    mkdirSync(join(folder, 'tree'));
    const asked = [
      () => orders.suspend(''),
      () => orders.suspend('two\nlines'),
      () => orders.pin('main'),
      () => orders.override(override(NOW_MS)),
      () => orders.override(override(Number.NaN)),
      () => orders.override(override(NOW_MS + OVERRIDE_MS_MAX + 1)),
      () => orders.override({ ...override(NOW_MS + 1), reason: ' ' }),
      () => orders.override(directory('tree')),
      () => orders.override(directory(join(folder, 'none'))),
    ];
    const codes = await Promise.all(asked.map((ask) => ask().catch(({ code }: { code: string }) => code)));
    expect(codes).toEqual(asked.map(() => 'source-order'));
    expect([orders.state(), changes, events]).toEqual([{}, 0, []]);
    await orders.override(directory(join(folder, 'tree')));
  });
});

test('what served of another ref or repository is no measure', async () => {
  await (await open()).keepServed(COMMIT);
  expect([(await open()).served, (await open('repository other')).served]).toEqual([COMMIT, undefined]);
});

describe('the file', () => {
  test.each(['', '{}', '{"version":2,"orders":{}}', '{"version":1,"orders":{"pinned":{"commit":"main","sinceMs":1}}}'])(
    'that holds %j suspends: it may have said so',
    async (text) => {
      const path = join(folder, 'source.json');
      writeFileSync(path, text);
      expect((await open()).state()).toEqual({ suspended: { reason: `${path} cannot be read`, sinceMs: NOW_MS } });
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  test('that cannot be written refuses the order', async () => {
    const orders = await open();
    rmSync(folder, { recursive: true });
    await expect(orders.suspend('why not')).rejects.toMatchObject({ code: 'store-unwritable' });
    mkdirSync(folder);
    expect(orders.state()).toEqual({});
  });
});
