import { describe, expect, test } from 'vitest';
import {
  exchangeLab,
  type HeadersParts,
  LAB_START_MS,
  refusalOf,
  requestHeaders,
} from '../../../test/support/exchange-lab.ts';
import { fixtureRevision, KEYS, ROUTE, routeDocument } from '../../../test/support/revision-fixture.ts';
import { digestOfText } from '../base/digest.ts';
import { hash32 } from '../base/rng.ts';
import type { ImmediateReply, ProcessingReply } from './messages.ts';

const revision = fixtureRevision();
const { digest } = revision.revision;

function headersReplyTo(parts: HeadersParts, loaded = revision): readonly ProcessingReply[] {
  return exchangeLab(loaded).send(requestHeaders(parts));
}

describe('the headers of a request', () => {
  test('of a known caller who sends a body are passed', () => {
    expect(headersReplyTo({})).toEqual([{ kind: 'request-headers' }]);
  });

  test.each<[string, HeadersParts, number, string]>([
    ['a key that nobody has', { authorization: ['Bearer hg_guess'] }, 401, 'invalid-key'],
    ['no bearer key', { authorization: ['Basic cmVkOnJlZA=='] }, 401, 'invalid-key'],
    ['an empty bearer key', { authorization: ['Bearer '] }, 401, 'invalid-key'],
    ['an empty header', { authorization: [''] }, 401, 'invalid-key'],
    ['two words behind Bearer', { authorization: [`Bearer ${KEYS.red} ${KEYS.red}`] }, 401, 'invalid-key'],
    ['two headers', { authorization: [`Bearer ${KEYS.red}`, `Bearer ${KEYS.red}`] }, 401, 'invalid-key'],
    [
      'two headers, one of no kind that we know',
      { authorization: ['Basic x', `Bearer ${KEYS.red}`] },
      401,
      'invalid-key',
    ],
    ['two headers that Envoy joined', { authorization: [`Bearer ${KEYS.red},Bearer ${KEYS.red}`] }, 401, 'invalid-key'],
    ['another path', { path: '/v1/completions' }, 404, 'not-found'],
    ['a path that only begins like ours', { path: '/v1/chat/completions/' }, 404, 'not-found'],
    ['another method', { method: 'PUT' }, 404, 'not-found'],
    ['no path', { path: '' }, 404, 'not-found'],
    ['no body', { endOfStream: true }, 400, 'invalid-json'],
    ['a packed body', { headers: { 'content-encoding': 'gzip' } }, 415, 'unsupported-encoding'],
    ['a body packed twice', { headers: { 'content-encoding': 'identity, br' } }, 415, 'unsupported-encoding'],
  ])('with %s are refused', (_what, parts, status, code) => {
    expect(refusalOf(headersReplyTo(parts))).toEqual([1, 'immediate', status, code]);
  });

  test.each([['bearer hg_red'], ['BEARER hg_red'], ['Bearer   hg_red  ']])('may write the scheme as %s', (value) => {
    expect(headersReplyTo({ authorization: [value] })).toEqual([{ kind: 'request-headers' }]);
  });

  test('without a key are passed: only the match says whether a stranger is served', () => {
    expect(headersReplyTo({ authorization: [] })).toEqual([{ kind: 'request-headers' }]);
  });

  test('do not pass as the key whose text is empty', () => {
    const document = `apiVersion: headgate.dev/v1\nkind: Key\nmetadata: { name: void }\nspec: { team: red, hash: "${digestOfText('')}" }`;
    const loaded = fixtureRevision({ documents: [document] });
    expect(refusalOf(headersReplyTo({ authorization: ['Basic x'] }, loaded))).toEqual([
      1,
      'immediate',
      401,
      'invalid-key',
    ]);
  });

  test('of a proxy with a revision that is not here are refused, and leave nothing', () => {
    const lab = exchangeLab(revision, { digest: 'sha256:other' });
    expect(refusalOf(lab.send(requestHeaders()))).toEqual([1, 'immediate', 503, 'unknown-revision']);
    lab.end();
    expect(lab.records).toEqual([]);
  });

  test('that are refused leave one record, without the query and without the key', () => {
    const lab = exchangeLab(revision);
    lab.wait(3);
    lab.send(requestHeaders({ path: `/v1/${'x'.repeat(300)}?key=secret` }));
    lab.end();
    expect(lab.records).toEqual([
      {
        id: 'dec-1',
        timeMs: LAB_START_MS + 3,
        digest,
        commit: 'commit-1',
        request: { path: `/v1/${'x'.repeat(196)}`, bodyBytes: 0 },
        principal: { team: 'red', key: 'red-key' },
        removed: [],
        candidates: [],
        attempts: [],
        policies: [],
        seed: hash32('dec-1'),
        refusal: { reason: 'not-found', code: 'not-found' },
        outcome: { kind: 'refused', status: 404, costMicroUsd: 0, decidedMs: 3, totalMs: 3 },
      },
    ]);
  });

  test('are kept without the buffer that they were read from', () => {
    const lab = exchangeLab(revision);
    const message = requestHeaders();
    lab.send(message);
    const kept = lab.exchange() as { headers: { bytes: Uint8Array } };
    expect(kept.headers.bytes.buffer).not.toBe((message as { headers: { bytes: Uint8Array } }).headers.bytes.buffer);
  });
});

describe('GET /v1/models', () => {
  test.each<[string, string | undefined, string[]]>([
    ['of a team that may use every model', KEYS.red, ['gpt-small', 'small']],
    ['of a team that may use one', KEYS.blue, ['gpt-small', 'small']],
    ['of a stranger', undefined, []],
  ])('lists what the routes serve: %s', (_who, key, names) => {
    const authorization = key === undefined ? [] : [`Bearer ${key}`];
    const [reply] = headersReplyTo({ method: 'GET', path: '/v1/models?x=1', authorization, endOfStream: true }) as [
      ImmediateReply,
    ];
    const list = JSON.parse(reply.body) as { object: string; data: { id: string }[] };
    expect([reply.status, list.object, list.data.map(({ id }) => id)]).toEqual([200, 'list', names]);
  });

  test('leaves out a model whose route wants another label', () => {
    const routes = [
      ROUTE,
      routeDocument(
        'eu',
        'match: { models: [ next ], teams: [ "*" ], labels: { residency: eu } }\n  targets: [ { offers: [ own ] } ]',
      ),
    ];
    const loaded = fixtureRevision({ routes });
    const idsFor = (key: string): string[] => {
      const [reply] = headersReplyTo(
        { method: 'GET', path: '/v1/models', authorization: [`Bearer ${key}`] },
        loaded,
      ) as [ImmediateReply];
      return (JSON.parse(reply.body) as { data: { id: string }[] }).data.map(({ id }) => id);
    };
    expect([idsFor(KEYS.red), idsFor(KEYS.blue)]).toEqual([
      ['gpt-small', 'next', 'small'],
      ['gpt-small', 'small'],
    ]);
  });
});
