import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newStepMemory, sharedStep } from './shared-step.ts';
import { nextSnapshot, type Snapshot } from './snapshot.ts';
import { step } from './step.ts';
import { type DeltaRequest, NEW_STREAM, type Reply, type Stream, type StreamEvent } from './stream.ts';
import { TYPE_URL } from './type-url.ts';

const TYPES = [TYPE_URL.cluster, TYPE_URL.endpoints, TYPE_URL.listener, TYPE_URL.route];
const STREAMS = 3;

function snapshotOf(previous: Snapshot | undefined, versions: readonly number[]): Snapshot {
  const resources = TYPES.map((typeUrl, type) => {
    const version = versions[type] ?? 0;
    const list = version === 0 ? [] : [{ name: 'a', version: `v${version}`, bytes: new Uint8Array([version]) }];
    return [typeUrl, list] as const;
  });
  const revision = `r${(previous?.generation ?? 0) + 1}`;
  return nextSnapshot(previous, { revision, resources: new Map(resources) }, () => 0);
}

type Action =
  | { readonly kind: 'publish'; readonly versions: number[] }
  | { readonly kind: 'ask'; readonly stream: number; readonly type: number; readonly kept: string }
  | { readonly kind: 'answer'; readonly stream: number; readonly isError: boolean }
  | { readonly kind: 'wait' };

const stream = fc.nat({ max: STREAMS - 1 });
const action: fc.Arbitrary<Action> = fc.oneof(
  fc
    .array(fc.nat({ max: 2 }), { minLength: 4, maxLength: 4 })
    .map((versions): Action => ({ kind: 'publish', versions })),
  fc
    .record({ stream, type: fc.nat({ max: 3 }), kept: fc.constantFrom('', 'v1', 'v2') })
    .map((fields): Action => ({ kind: 'ask', ...fields })),
  fc.record({ stream, isError: fc.boolean() }).map((fields): Action => ({ kind: 'answer', ...fields })),
  fc.constant<Action>({ kind: 'wait' }),
);

/** Several streams, each stepped twice: alone, and with the memory that all share. */
class Fleet {
  readonly #memory = newStepMemory();
  readonly #alone: Stream[] = Array.from({ length: STREAMS }, () => ({ ...NEW_STREAM, isIdentified: true }));
  readonly #shared: Stream[] = Array.from({ length: STREAMS }, () => OPENING);
  readonly #out: Reply[][] = Array.from({ length: STREAMS }, () => []);
  readonly #asked = new Set<string>();
  readonly #requests = new Map<string, StreamEvent>();
  readonly pairs: (readonly [unknown, unknown])[] = [];
  #snapshot: Snapshot | undefined;
  #nowMs = 1_000;

  act(next: Action): void {
    switch (next.kind) {
      case 'publish':
        this.#snapshot = snapshotOf(this.#snapshot, next.versions);
        for (let index = 0; index < STREAMS; index += 1)
          this.#take(index, { kind: 'snapshot', snapshot: this.#snapshot });
        return;
      case 'ask': {
        const isFirst = !this.#asked.has(`${next.stream} ${next.type}`);
        this.#asked.add(`${next.stream} ${next.type}`);
        const kept = isFirst && next.kept !== '' ? new Map([['a', next.kept]]) : new Map<string, string>();
        this.#take(
          next.stream,
          this.#request({ typeUrl: TYPES[next.type] ?? '', subscribe: ['a'], initialVersions: kept }),
        );
        return;
      }
      case 'answer': {
        const reply = this.#out[next.stream]?.shift();
        if (reply === undefined) return;
        const error = next.isError ? { error: 'refused' } : {};
        this.#take(next.stream, this.#request({ typeUrl: reply.typeUrl, nonce: reply.nonce, ...error }));
        return;
      }
      case 'wait':
        this.#nowMs += 700;
        for (let index = 0; index < STREAMS; index += 1) this.#take(index, { kind: 'tick' });
    }
  }

  /** Equal requests are the same object, as where they are read. */
  #request(fields: Partial<DeltaRequest>): StreamEvent {
    const request = { typeUrl: '', nonce: '', subscribe: [], unsubscribe: [], initialVersions: new Map(), ...fields };
    const key = JSON.stringify({ ...request, initialVersions: [...request.initialVersions] });
    const known = this.#requests.get(key) ?? { kind: 'request', request };
    this.#requests.set(key, known);
    return known;
  }

  #take(index: number, event: StreamEvent): void {
    const alone = step(this.#alone[index] ?? OPENING, event, this.#nowMs);
    const shared = sharedStep(this.#memory, this.#shared[index] ?? OPENING, event, this.#nowMs);
    this.#alone[index] = alone.stream;
    this.#shared[index] = shared.stream;
    this.#out[index]?.push(...shared.replies);
    this.pairs.push(
      [shared.replies, alone.replies],
      [shared.reports, alone.reports],
      [shared.wakeAtMs, alone.wakeAtMs],
    );
  }
}

const OPENING: Stream = { ...NEW_STREAM, isIdentified: true };

test('a step that was worked out for another stream is the one that this stream would have taken', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const fleet = new Fleet();
      for (const next of actions) fleet.act(next);
      for (const [shared, alone] of fleet.pairs) expect(shared).toEqual(alone);
    }),
    { numRuns: 1_000 },
  );
});

test('streams that acknowledged the same are one value, however they came there', () => {
  const memory = newStepMemory();
  const snapshot = snapshotOf(undefined, [1, 0, 1, 0]);
  const settled = (order: readonly string[], startMs: number): Stream => {
    let nowMs = startMs;
    let current: Stream = OPENING;
    const out: Reply[] = [];
    const take = (event: StreamEvent) => {
      nowMs += 10;
      const result = sharedStep(memory, current, event, nowMs);
      current = result.stream;
      out.push(...result.replies);
    };
    const request = (typeUrl: string, nonce: string): StreamEvent => ({
      kind: 'request',
      request: { typeUrl, nonce, subscribe: [], unsubscribe: [], initialVersions: new Map() },
    });
    take({ kind: 'snapshot', snapshot });
    for (const typeUrl of order) take(request(typeUrl, ''));
    for (let reply = out.shift(); reply !== undefined; reply = out.shift()) take(request(reply.typeUrl, reply.nonce));
    return current;
  };
  const first = settled([TYPE_URL.cluster, TYPE_URL.listener], 0);
  expect(settled([TYPE_URL.listener, TYPE_URL.cluster], 5_000)).toBe(first);
});
