import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';
import { namedOnly } from '../support/adapter-resource.ts';
import { AdapterProcess } from './adapter-process.ts';
import { type Answer, DiscoveryClient, MANNERS, type Manner } from './discovery-client.ts';

const { cluster: CDS, listener: LDS, route: RDS, endpoints: EDS } = TYPE_URL;
const TYPES = [
  ['CDS', CDS],
  ['LDS', LDS],
  ['RDS', RDS],
  ['EDS', EDS],
] as const;
const WILDCARD_TYPES = TYPES.slice(0, 2);

let adapter: AdapterProcess;
let nodes = 0;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  adapter = await AdapterProcess.start();
});
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
afterAll(() => adapter.stop());

/** A node that nobody used before, and a client of it. */
function proxy(manner: Manner, host = '127.0.0.1') {
  nodes += 1;
  const node = `node-${nodes}`;
  return { node, client: connect(manner, node, host) };
}

function connect(manner: Manner, id: string, host = '127.0.0.1'): DiscoveryClient {
  const client = new DiscoveryClient(`${host}:${adapter.xdsPort}`, manner, { id });
  ends.push(() => client.close());
  return client;
}

function names({ resources }: Answer): string[] {
  return [...resources.keys()].sort();
}

describe.each(MANNERS)('$name', (manner) => {
  const isWhole = (typeUrl: string) => !manner.isDelta && (typeUrl === CDS || typeUrl === LDS);

  test.each(WILDCARD_TYPES)('C1 %s: who asks for everything gets it in one response', async (_, typeUrl) => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [typeUrl]: ['A', 'B', 'C'] });
    client.subscribe(typeUrl);
    const answer = await client.accept();
    expect([names(answer), answer.version]).toEqual([['A', 'B', 'C'], '1']);
    expect(await client.leftover()).toEqual([]);
  });

  test.each(TYPES)('C6 %s: only what changed is sent, once, and no ACK is answered', async (_, typeUrl) => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [typeUrl]: ['A', 'B', 'C'] });
    client.subscribe(typeUrl, ['A', 'B']);
    const first = await client.accept();
    expect([names(first), first.version]).toEqual([['A', 'B'], '1']);
    expect(await client.leftover()).toEqual([]);
    expect(await adapter.change('Update', node, [typeUrl, 'A', '2'])).toBe(true);
    const second = await client.accept();
    expect([names(second), second.version]).toEqual([isWhole(typeUrl) ? ['A', 'B'] : ['A'], '2']);
    expect(second.resources.get('A')).not.toEqual(first.resources.get('A'));
    expect(await adapter.change('Update', node, [typeUrl, 'C', '3'])).toBe(true);
    expect(await client.leftover()).toEqual([]);
  });

  test.each(TYPES)('C6 %s: names may be asked for one after the other', async (_, typeUrl) => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [typeUrl]: ['A', 'B', 'C'] });
    client.subscribe(typeUrl, ['A']);
    expect(names(await client.accept())).toEqual(['A']);
    client.subscribe(typeUrl, ['B']);
    expect(names(await client.accept())).toEqual(isWhole(typeUrl) ? ['A', 'B'] : ['B']);
    expect(await client.leftover()).toEqual([]);
  });

  test.each(TYPES)('C7 %s: a refused version is not sent again, the next one is', async (_, typeUrl) => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [typeUrl]: ['A'] });
    client.subscribe(typeUrl, ['A']);
    await client.accept();
    await adapter.change('Update', node, [typeUrl, 'A', '2']);
    client.answer(await client.next(), 'no');
    expect(await client.leftover()).toEqual([]);
    await adapter.change('Update', node, [typeUrl, 'A', '3']);
    expect((await client.accept()).version).toBe('3');
  });

  test.each(TYPES)(
    'C9 %s: a name that does not exist is remembered, and sent when it is created',
    async (_, typeUrl) => {
      const { node, client } = proxy(manner);
      await adapter.setState(node, '1', { [typeUrl]: ['A', 'B'] });
      client.subscribe(typeUrl, ['A', 'Z']);
      const first = await client.accept();
      expect([names(first), first.removed]).toEqual([['A'], manner.isDelta ? ['Z'] : []]);
      expect(await adapter.change('Add', node, [typeUrl, 'Z', '2'])).toBe(true);
      const second = await client.accept();
      expect([names(second), second.version]).toEqual([isWhole(typeUrl) ? ['A', 'Z'] : ['Z'], '2']);
      expect(second.resources.get('Z')).toEqual(namedOnly('Z'));
      expect(await client.leftover()).toEqual([]);
    },
  );

  test.each(TYPES)('C9 %s: what is added with the version that is current is sent, too', async (_, typeUrl) => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [typeUrl]: ['A'] });
    client.subscribe(typeUrl, ['A', 'B']);
    await client.accept();
    await adapter.change('Add', node, [typeUrl, 'B', '1']);
    const second = await client.accept();
    expect([names(second), second.version]).toEqual([isWhole(typeUrl) ? ['A', 'B'] : ['B'], '1']);
  });

  test.each(WILDCARD_TYPES)('C1 %s: who asked for everything gets what is added', async (_, typeUrl) => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [typeUrl]: ['A', 'B'] });
    client.subscribe(typeUrl);
    await client.accept();
    await adapter.change('Add', node, [typeUrl, 'D', '2']);
    const answer = await client.accept();
    expect([names(answer), answer.version]).toEqual([manner.isDelta ? ['D'] : ['A', 'B', 'D'], '2']);
    expect(await client.leftover()).toEqual([]);
  });

  test.each(TYPES)('S6 %s: who wants nothing any more is sent nothing', async (_, typeUrl) => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [typeUrl]: ['A', 'B', 'C'] });
    client.subscribe(typeUrl, ['A', 'B']);
    await client.accept();
    client.unsubscribe(typeUrl, ['A', 'B']);
    await client.leftover();
    await adapter.change('Update', node, [typeUrl, 'B', '2']);
    expect(await client.leftover()).toEqual([]);
  });

  test.each(TYPES)(
    'S4 %s: of names that are left nothing comes, until they are asked for again',
    async (_, typeUrl) => {
      const { node, client } = proxy(manner);
      await adapter.setState(node, '1', { [typeUrl]: ['A', 'B'] });
      client.subscribe(typeUrl, ['A', 'B']);
      await client.accept();
      client.unsubscribe(typeUrl, ['B']);
      expect(await client.leftover()).toEqual([]);
      await adapter.change('Update', node, [typeUrl, 'A', '2']);
      const second = await client.accept();
      expect([names(second), second.version]).toEqual([['A'], '2']);
      client.subscribe(typeUrl, ['B']);
      expect(names(await client.accept())).toEqual(isWhole(typeUrl) ? ['A', 'B'] : ['B']);
      expect(await client.leftover()).toEqual([]);
    },
  );

  test.each(TYPES)('S1, D3 %s: what is removed is told, as the variant can', async (_, typeUrl) => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [typeUrl]: ['A', 'B'] });
    client.subscribe(typeUrl, ['A', 'B']);
    await client.accept();
    expect(await adapter.change('Remove', node, [typeUrl, 'A', '1'])).toBe(true);
    // The variant cannot say it: the next message is the one after.
    const hasWord = manner.isDelta || isWhole(typeUrl);
    const told = hasWord ? [await client.accept()] : [];
    expect(told.map((answer) => [names(answer), answer.removed])).toEqual(
      hasWord ? [manner.isDelta ? [[], ['A']] : [['B'], []]] : [],
    );
    await adapter.change('Add', node, [typeUrl, 'A', '2']);
    const again = await client.accept();
    expect([names(again), again.version]).toEqual([isWhole(typeUrl) ? ['A', 'B'] : ['A'], '2']);
    expect(await client.leftover()).toEqual([]);
  });

  test('C4: types are independent of each other', async () => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [CDS]: ['A', 'B'], [LDS]: ['A', 'B'] });
    client.subscribe(LDS, ['B']);
    const listeners = await client.next();
    client.subscribe(CDS, ['B']);
    expect((await client.accept()).typeUrl).toBe(CDS);
    await adapter.change('Update', node, [CDS, 'B', '2']);
    const second = await client.accept();
    expect([second.typeUrl, second.version]).toEqual([CDS, '2']);
    client.answer(listeners);
    await adapter.change('Update', node, [LDS, 'B', '3']);
    const third = await client.accept();
    expect([third.typeUrl, third.version]).toEqual([LDS, '3']);
    expect(await client.leftover()).toEqual([]);
  });

  test('C12: who half-closes is closed, and its place is free', async () => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [CDS]: ['A'] });
    client.subscribe(CDS);
    await client.accept();
    client.halfClose(CDS);
    expect((await client.ended(CDS)).code).toBe(0);
  });

  test('C3: without a node id a stream ends as INVALID_ARGUMENT', async () => {
    const client = connect(manner, '');
    client.subscribe(CDS);
    expect((await client.ended(CDS)).code).toBe(3);
  });

  test('a resource is served as it was given, to its own node only', async () => {
    const { node, client } = proxy(manner);
    const other = proxy(manner);
    const value = new Uint8Array([...namedOnly('A'), 0xe2, 0x01, 0x01, 0x73]);
    await adapter.setResources(node, 'one', [{ typeUrl: CDS, value }]);
    await adapter.setState(other.node, 'two', { [CDS]: ['X'] });
    client.subscribe(CDS);
    other.client.subscribe(CDS);
    const [own, others] = [await client.accept(), await other.client.accept()];
    expect([own.version, own.resources]).toEqual(['one', new Map([['A', value]])]);
    expect([others.version, names(others)]).toEqual(['two', ['X']]);
  });

  test('a state that is set replaces the one before, and labels every type that it touches', async () => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [CDS]: ['A', 'B'], [LDS]: ['L'] });
    client.subscribe(CDS);
    await client.accept();
    await adapter.setState(node, '2', { [CDS]: ['B', 'C'] });
    const second = await client.accept();
    expect([second.version, names(second), second.removed]).toEqual(
      manner.isDelta ? ['2', ['C'], ['A']] : ['2', ['B', 'C'], []],
    );
    client.subscribe(LDS);
    expect([names(await client.accept())]).toEqual([[]]);
  });

  test('a cleared node is forgotten: its streams stay open, are told nothing, and hear of the next state', async () => {
    const { node, client } = proxy(manner);
    await adapter.setState(node, '1', { [EDS]: ['A', 'B'] });
    client.subscribe(EDS, ['A']);
    await client.accept();
    expect(await adapter.clearState(node)).not.toBe('');
    client.subscribe(EDS, ['B']);
    const late = connect(manner, node);
    late.subscribe(EDS, ['A']);
    expect([await client.leftover(), await late.leftover()]).toEqual([[], []]);
    await adapter.setState(node, '2', { [EDS]: ['B'] });
    const next = await client.accept();
    expect([names(next), next.version]).toEqual([['B'], '2']);
  });

  test('IPv6 loopback is served where there is one', async () => {
    const { node, client } = proxy(manner, '[::1]');
    await adapter.setState(node, '1', { [CDS]: ['A'] });
    client.subscribe(CDS);
    expect(names(await client.accept())).toEqual(['A']);
  });
});

test('a change of a resource or a node that is not there is told', async () => {
  expect(await adapter.change('Update', 'nobody', [CDS, 'A', '1'])).toBe(false);
  expect(await adapter.change('Remove', 'nobody', [CDS, 'A', '1'])).toBe(false);
  expect(await adapter.clearState('nobody')).not.toBe('');
});
