import { describe, expect, test } from 'vitest';
import {
  chatBody,
  type ExchangeLab,
  exchangeLab,
  refusalOf,
  requestBody,
  requestHeaders,
} from '../../../test/support/exchange-lab.ts';
import { fixtureRevision } from '../../../test/support/revision-fixture.ts';

const revision = fixtureRevision();

function adapting(header: string | undefined): ExchangeLab {
  const lab = exchangeLab(revision, { role: 'adapt' });
  const headers = header === undefined ? {} : { 'x-headgate-adapt': header };
  lab.send(requestHeaders({ headers }));
  return lab;
}

describe('the inner stream of an attempt', () => {
  test('passes the headers and stays open for the body', () => {
    const lab = exchangeLab(revision, { role: 'adapt' });
    const headers = { 'x-headgate-adapt': '{"model":"corp-small"}' };
    expect([lab.send(requestHeaders({ headers })), lab.finished()]).toEqual([[{ kind: 'request-headers' }], false]);
  });

  test('gives the body the name of its provider, with the right length, and ends', () => {
    const lab = adapting('{"model":"corp-small"}');
    const bytes = chatBody('{"model":"corp-small","messages":[{"role":"user","content":"hello"}]}');
    expect(lab.send(requestBody({ model: 'small-8b' }))).toEqual([
      {
        kind: 'request-body',
        setHeaders: [['content-length', String(bytes.length)]],
        body: { kind: 'replace', bytes },
      },
    ]);
    expect(lab.finished()).toBe(true);
  });

  test('is served by any decider: it needs neither a revision nor a key', () => {
    const lab = exchangeLab(revision, { role: 'adapt', digest: 'sha256:unknown' });
    lab.send(requestHeaders({ authorization: [], headers: { 'x-headgate-adapt': '{"model":"m"}' } }));
    expect(lab.send(requestBody())[0]?.kind).toBe('request-body');
  });

  test.each<[string, string | undefined, Parameters<typeof requestBody>[0]]>([
    ['no model is named', undefined, {}],
    ['metadata that was not there is written as a dash', '-', {}],
    ['the model is no text', '{"model":1}', {}],
    ['the header is null', 'null', {}],
    ['the body is no request', '{"model":"m"}', '{'],
  ])('never lets an attempt out with the wrong body: %s', (_what, header, body) => {
    const lab = adapting(header);
    expect(refusalOf(lab.send(requestBody(body)))).toEqual([1, 'immediate', 503, 'adapt-failed']);
    expect(lab.finished()).toBe(true);
  });

  test('leaves no record and holds nothing', () => {
    const lab = adapting('{"model":"m"}');
    lab.send(requestBody());
    lab.end();
    expect([lab.records, lab.ledger.endpoints.size]).toEqual([[], 0]);
  });
});
