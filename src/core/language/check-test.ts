import { type Diagnostic, diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { Catalog } from './catalog.ts';
import { listedTwice } from './check-list.ts';
import { checkOffer } from './check-offer.ts';
import { checkProofs } from './check-proof.ts';
import { checkDuration } from './check-quantity.ts';
import { checkName, checkReference } from './check-reference.ts';
import { TIMEOUT } from './check-route.ts';
import { checkSamples } from './check-samples.ts';
import type { DocumentOf } from './document.ts';

type Case = NonNullable<DocumentOf<'Test'>['spec']['cases']>[number];

export function* checkTests(catalog: Catalog): Generator<Diagnostic> {
  const addresses = engineAddresses(catalog);
  for (const document of catalog.byKind.Test.values()) {
    yield* checkProofs(document, catalog);
    yield* saysSomething(document);
    const cases = document.spec.cases ?? [];
    const names = cases.map((item) => item.name);
    yield* listedTwice(document, ['spec', 'cases'], names, (index) => [index, 'name']);
    for (const [index, item] of cases.entries()) {
      const path = ['spec', 'cases', index];
      yield* checkCase(document, path, item, catalog);
      yield* checkSamples(document, path, item);
      for (const address of Object.keys(item.load)) {
        if (addresses !== undefined)
          yield* checkReference('HG3111', document, [...path, 'load', address], address, addresses);
      }
    }
  }
}

function* saysSomething({ spec, source }: DocumentOf<'Test'>): Generator<Diagnostic> {
  if (spec.cases !== undefined || spec.prove !== undefined) return;
  const hint = 'write "cases", "prove" or both';
  yield diagnostic('HG2003', locate(source, ['spec'], 'key'), 'a Test without cases and without proofs', { hint });
}

function* checkCase(document: DocumentOf<'Test'>, path: Path, item: Case, catalog: Catalog): Generator<Diagnostic> {
  yield* checkPrincipal(document, path, item, catalog);
  yield* saysNothing(document, path, item);
  for (const guardrail of Object.keys(item.guardrails ?? {})) {
    yield* checkName('Guardrail', document, [...path, 'guardrails', guardrail], guardrail, catalog);
  }
  const { offer, denied, attempts = [], retry, timeouts = {}, neverVisible, text } = item.expect;
  yield* listedTwice(document, [...path, 'expect', 'retry', 'on'], retry?.on?.map(String) ?? []);
  for (const [member, wait] of Object.entries(timeouts)) {
    if (wait === undefined) continue;
    yield* checkDuration(document, [...path, 'expect', 'timeouts', member], wait, TIMEOUT);
  }
  if (item.answer === undefined && (neverVisible !== undefined || text !== undefined)) {
    const span = locate(document.source, [...path, 'expect'], 'key');
    const hint = 'write what the model answers: `answer: { chunks: [ ... ] }`';
    yield diagnostic('HG3214', span, `the case ${quoted(item.name)} expects an answer, and has none`, { hint });
  }
  for (const [index, attempt] of attempts.entries()) {
    const [model = '', name = ''] = attempt.split('/');
    yield* checkReferenceOfOffer(document, [...path, 'expect', 'attempts', index], model, name, catalog);
  }
  if ((offer === undefined) === (denied === undefined)) {
    const span = locate(document.source, [...path, 'expect'], 'key');
    yield diagnostic('HG3214', span, `the case ${quoted(item.name)} must expect one of "offer" and "denied"`);
  }
  if (offer === undefined) return;
  yield* checkName('Model', document, [...path, 'request', 'model'], item.request.model, catalog);
  const [model = '', name = ''] = offer.split('/');
  const at = [...path, 'expect', 'offer'];
  yield* checkReferenceOfOffer(document, at, model, name, catalog);
}

function* saysNothing(document: DocumentOf<'Test'>, path: Path, { name, guardrails, expect }: Case) {
  const { retry, timeouts } = expect;
  for (const [at, member] of [
    [['guardrails'], guardrails],
    [['expect', 'retry'], retry],
    [['expect', 'timeouts'], timeouts],
  ] as const) {
    if (member === undefined || Object.keys(member).length > 0) continue;
    const span = locate(document.source, [...path, ...at], 'key');
    yield diagnostic('HG3214', span, `"${at.at(-1)}" of the case ${quoted(name)} says nothing`, { hint: 'remove it' });
  }
}

function* checkPrincipal(
  document: DocumentOf<'Test'>,
  path: Path,
  { name, principal: { team, key } }: Case,
  catalog: Catalog,
): Generator<Diagnostic> {
  const at = [...path, 'principal'];
  if ((team === undefined) === (key === undefined)) {
    const span = locate(document.source, at, 'key');
    yield diagnostic('HG3214', span, `the case ${quoted(name)} must name one of "team" and "key"`);
  }
  if (team !== undefined && team !== ANONYMOUS) yield* checkName('Team', document, [...at, 'team'], team, catalog);
  if (key !== undefined && catalog.complete) {
    yield* checkReference('HG3112', document, [...at, 'key'], key, catalog.claims.Key);
  }
}

function* checkReferenceOfOffer(
  document: DocumentOf<'Test'>,
  path: Path,
  model: string,
  name: string,
  catalog: Catalog,
): Generator<Diagnostic> {
  if (catalog.claims.Model.has(model)) yield* checkOffer(document, path, name, [model], catalog);
  else if (catalog.complete) yield* checkReference('HG3107', document, path, model, catalog.claims.Model);
}

/** Undefined where a pool is itself wrong: it may hold any address. */
function engineAddresses(catalog: Catalog): Map<string, { span: Span }> | undefined {
  if (!catalog.complete || catalog.claims.Pool.size > catalog.byKind.Pool.size) return undefined;
  const addresses = new Map<string, { span: Span }>();
  for (const pool of catalog.byKind.Pool.values()) {
    for (const [index, address] of (pool.spec.endpoints.static ?? []).entries()) {
      addresses.set(address, { span: locate(pool.source, ['spec', 'endpoints', 'static', index]) });
    }
  }
  return addresses;
}
