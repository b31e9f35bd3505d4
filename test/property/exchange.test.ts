import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProcessingRequest } from '../../src/core/exchange/messages.ts';
import { createLedger, type Ledger } from '../../src/core/load/ledger.ts';
import {
  answerHeaders,
  type ExchangeLab,
  exchangeLab,
  requestBody,
  requestHeaders,
  responseHeaders,
  responseTrailers,
} from '../support/exchange-lab.ts';
import { fixtureRevision, KEYS, policyResult, ROUTE, routeDocument } from '../support/revision-fixture.ts';

const GUARDRAIL =
  'apiVersion: headgate.dev/v1\nkind: Guardrail\nmetadata: { name: g }\nspec: { package: fixture, stages: [ STAGE ] }';

/** What the policies of a run decide. */
const VERDICTS = [
  {},
  { deny: [{ code: 'no' }] },
  { redact: [{ ptr: '/messages/0/content', start: 0, end: 1 }] },
  { route: [{ forbid: { offers: ['small/own'] } }] },
  { route: [{ forbid: { regions: ['eu', 'us'] } }] },
  { deny: 'not a list' },
] as const;

const REVISIONS = ['request', 'response'].flatMap((stage) =>
  VERDICTS.map((verdict) =>
    fixtureRevision({
      routes: [
        ROUTE,
        routeDocument(
          'open',
          'match: { models: [ next ], teams: [ red, anonymous ] }\n  targets: [ { offers: [ own, spare ] } ]',
        ),
      ],
      documents: [GUARDRAIL.replace('STAGE', stage)],
      evaluate: policyResult({ g: { deny: [], warn: [], redact: [], route: [], ...verdict } }),
    }),
  ),
);

const ADDRESSES = ['10.0.0.1:8000', '10.0.0.2:8000', '10.0.0.3:8000', '10.0.1.1:8000', 'envoy://providers/corp'];

const ANSWER_BODY = {
  ...requestBody('{"choices":[{"index":0,"message":{"role":"assistant","content":"hello"}}]}'),
  kind: 'response-body',
} as ProcessingRequest;

const anyHeaders = fc.record({
  method: fc.constantFrom('POST', 'POST', 'POST', 'GET'),
  path: fc.constantFrom('/v1/chat/completions', '/v1/chat/completions', '/v1/models', '/'),
  authorization: fc.constantFrom([`Bearer ${KEYS.red}`], [`Bearer ${KEYS.blue}`], [], ['Basic x'], ['Bearer x']),
  endOfStream: fc.boolean(),
});
const anyBody = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      model: fc.constantFrom('small', 'next'),
      stream: fc.boolean(),
      max_tokens: fc.integer({ min: 1, max: 30_000 }),
    }),
  },
  fc.record({ model: fc.string() }),
  fc.string(),
);
const anyAnswer = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(200, 200, 200, 400, 401, 429, 500),
      fc.integer({ min: 0, max: 5 }),
      fc.constantFrom(...ADDRESSES),
    )
    .map(([status, attempt, address]) => answerHeaders(status, attempt, address)),
  fc
    .tuple(fc.constantFrom(400, 408, 413, 503, 504), fc.integer({ min: 0, max: 5 }))
    .map(([status, tried]) =>
      responseHeaders(status, { 'upstream.request_attempt_count': tried, 'response.code_details': 'local' }),
    ),
);
const anyUsage = fc
  .option(
    fc.record({
      inputTokens: fc.nat(1_000),
      cachedTokens: fc.nat(2_000),
      outputTokens: fc.nat(1_000),
      status: fc.constantFrom('COMPLETE', 'PARTIAL'),
    }),
  )
  .map((usage) => responseTrailers(usage ?? undefined));

/** What Envoy sends for one request, were nothing to end it early; `leaves` is where the client goes. */
interface Script {
  readonly messages: readonly ProcessingRequest[];
  readonly leaves: number;
  readonly revision: number;
  readonly known: boolean;
  /** A known or an unknown caller, not one with a wrong key, asks for the list of models. */
  readonly asksForModels: boolean;
}

const anyScript: fc.Arbitrary<Script> = fc
  .record({
    headers: anyHeaders,
    body: anyBody,
    answer: anyAnswer,
    trailers: fc.option(anyUsage),
    local: fc.constantFrom('no', 'no', 'no', 'first', 'before-body'),
    leaves: fc.nat(6),
    revision: fc.nat(REVISIONS.length - 1),
    known: fc.boolean(),
  })
  .map(({ headers, body, answer, trailers, local, leaves, revision, known }) => {
    const opening = requestHeaders(headers);
    const end = trailers === null ? [] : [trailers];
    const messages = {
      first: [responseHeaders(400)],
      'before-body': [opening, responseHeaders(413)],
      no: [opening, requestBody(body), answer, ...end],
    };
    const wrongKey = ['Basic x', 'Bearer x'].includes(headers.authorization[0] ?? '');
    const asksForModels = headers.method === 'GET' && headers.path === '/v1/models' && !wrongKey;
    return { messages: messages[local], leaves, revision, known: known || leaves > 2, asksForModels };
  });

interface Running {
  readonly lab: ExchangeLab;
  readonly left: ProcessingRequest[];
}

function opened(script: Script, index: number, ledger: Ledger): Running {
  const loaded = REVISIONS[script.revision] ?? fixtureRevision();
  const lab = exchangeLab(loaded, {
    ledger,
    id: `dec-${index}`,
    ...(script.known ? {} : { digest: 'sha256:unknown' }),
  });
  return { lab, left: script.messages.slice(0, script.leaves) };
}

/** One message more, or the end of the stream; gives what does not hold of its replies. */
function advance({ lab, left }: Running): string | undefined {
  const message = left.shift();
  if (message === undefined) {
    lab.end();
    return undefined;
  }
  lab.wait(7);
  const [reply, ...more] = lab.send(message);
  // After an answer of our own Envoy says no more; a watched answer comes to us whole.
  if (reply?.kind === 'immediate') left.length = 0;
  if (reply?.kind === 'response-headers' && reply.modeOverride !== undefined) left.unshift(ANSWER_BODY);
  const fits = more.length === 0 && (reply?.kind === message.kind || reply?.kind === 'immediate');
  return fits ? undefined : `${more.length + 1} replies to ${message.kind}, the first is ${reply?.kind}`;
}

function held(ledger: Ledger): unknown[] {
  return [...ledger.endpoints]
    .filter(([, load]) => load.activeRequests !== 0 || load.reservedTokens !== 0 || load.queuedTokens < 0)
    .map(([address, { activeRequests, reservedTokens }]) => ({ address, activeRequests, reservedTokens }));
}

describe('exchanges that run side by side', () => {
  test('get one reply to each message, leave one record each at the most, and nothing in the ledger', () => {
    const runs = fc.record({
      scripts: fc.array(anyScript, { minLength: 1, maxLength: 6 }),
      order: fc.infiniteStream(fc.nat()),
    });
    fc.assert(
      fc.property(runs, ({ scripts, order }) => {
        const ledger = createLedger();
        const all = scripts.map((script, index) => opened(script, index, ledger));
        const wrong: string[] = [];
        let open = [...all];
        while (open.length > 0) {
          const running = open[(order.next().value ?? 0) % open.length] as Running;
          const isLast = running.left.length === 0;
          const failure = advance(running);
          if (failure !== undefined) wrong.push(failure);
          if (isLast) open = open.filter((other) => other !== running);
        }
        expect(wrong).toEqual([]);
        expect(held(ledger)).toEqual([]);
        expect(all.map(({ lab }) => lab.records.length)).toEqual(scripts.map(recordsOf));
        expect(all.flatMap(({ lab }) => lab.records.filter((record) => record.outcome === undefined))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  /** Every request of which we read the headers by a revision that is here, but for the list of models. */
  function recordsOf({ messages, leaves, known, asksForModels }: Script): number {
    const [first] = messages;
    if (leaves === 0 || !known || first?.kind !== 'request-headers') return 0;
    return asksForModels ? 0 : 1;
  }
});

describe('messages in any order', () => {
  test('get one reply each and break nothing', () => {
    const anyMessage = fc.oneof(
      anyHeaders.map(requestHeaders),
      anyBody.map(requestBody),
      anyAnswer,
      anyUsage,
      fc.constant<ProcessingRequest>({ ...requestBody('x'), kind: 'response-body' } as ProcessingRequest),
      fc.constant<ProcessingRequest>({ ...responseTrailers(), kind: 'request-trailers' } as ProcessingRequest),
    );
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 10 }), fc.constantFrom('decide', 'adapt'), (messages, role) => {
        const lab = exchangeLab(REVISIONS[0] ?? fixtureRevision(), { role });
        const replies = messages.map((message) => lab.send(message));
        lab.end();
        const kinds = replies.map(([reply]) => reply?.kind);
        expect(replies.map((each) => each.length)).toEqual(messages.map(() => 1));
        expect(kinds.filter((kind, index) => kind !== 'immediate' && kind !== messages[index]?.kind)).toEqual([]);
        expect(lab.records.length).toBeLessThanOrEqual(1);
        expect(held(lab.ledger)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
