import { readChatRequest } from '../api/chat-request.ts';
import { stringAt } from '../api/json-cursor.ts';
import { failed, ok, type Result } from '../base/result.ts';
import { hash32 } from '../base/rng.ts';
import { type Decision, decide } from '../decide/decide.ts';
import type { Facts } from '../decide/facts.ts';
import type { Principal } from '../decide/identify.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import { ownAnswer } from '../exchange/refuse-exchange.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { TestCase } from '../ir/test-case.ts';
import { CLIENT_DECISION_HEADER } from '../ir/wire-names.ts';
import { createLedger, type Ledger, observe, recordUnreachable } from '../load/ledger.ts';
import { withSamples } from '../policy/detectors/samples.ts';
import { withFailing } from './failing-guardrails.ts';
import { type AnswerRun, runAnswer } from './run-answer.ts';

/** Bytes of text that the decision takes for one prompt token. */
const BYTES_PER_TOKEN = 4;
/** As large as the largest context windows. A case makes its prompt, so one commit must not ask for all our memory. */
const PROMPT_TOKENS_MAX = 10_000_000;
/** Test cases are decided at this moment: their outcome may not depend on the day. */
const TEST_TIME_MS = 0;

/** What came of a case. */
export interface CaseRun {
  readonly decision: Decision;
  /** The texts of the request, as the client wrote them and as they leave. */
  readonly asked: readonly string[];
  readonly sent: readonly string[];
  /** What headgate sets on an answer by the first attempt, or on its own. */
  readonly headers: ReadonlyMap<string, string>;
  /** The answer in every way of cutting it; empty where none is tested, or where the request was refused. */
  readonly answers: readonly AnswerRun[];
}

/** Decides the case as the data path would, and lets its answer through; an error says why it cannot be run. */
export function runCase(healthy: LoadedRevision, testCase: TestCase): Result<CaseRun, string> {
  const { request, answer, failing = [] } = testCase;
  const loaded = withFailing(healthy, failing);
  if (request.promptTokens > PROMPT_TOKENS_MAX) {
    return failed(`a prompt may have ${PROMPT_TOKENS_MAX} tokens at the most here`);
  }
  const headers = new Map(Object.entries(request.headers));
  const body = new TextEncoder().encode(requestBody(testCase));
  const read = readChatRequest(body);
  if (!read.ok) return failed(`the request cannot be read: ${read.error.message}`);
  const facts: Facts = {
    ...{ id: testCase.name, method: 'POST', path: '/v1/chat/completions', header: (name) => headers.get(name) },
    ...{ body, request: read.value },
  };
  const principal = principalOf(loaded, testCase);
  const seed = testCase.seed ?? hash32(testCase.name);
  const clocks = { nowMs: TEST_TIME_MS, monotonicMs: TEST_TIME_MS };
  const decision = decide(loaded, principal, facts, { ledger: loadOf(testCase), ...clocks, seed });
  const asked = textsOf(body);
  const run = { decision, asked, headers: headersOf(decision) };
  if (decision.kind === 'refused') return ok({ ...run, sent: [], answers: [] });
  const sent = decision.body === undefined ? asked : textsOf(decision.body);
  if (answer === undefined) return ok({ ...run, sent, answers: [] });
  const model = decision.record.model ?? request.model;
  const answers = runAnswer(answer, { loaded, principal, route: decision.route.name, model, ...facts }, TEST_TIME_MS);
  return answers.ok ? ok({ ...run, sent, answers: answers.value }) : answers;
}

/** But for the number of the decision, which is new each time. */
function headersOf({ kind, record: { id, model } }: Decision): Map<string, string> {
  if (kind === 'refused')
    return new Map(ownAnswer(0, '', id, '').headers.filter(([name]) => name !== CLIENT_DECISION_HEADER));
  return new Map(model === undefined ? [] : [['headgate-model', model]]);
}

function requestBody({ request }: TestCase): string {
  const filler = 'x'.repeat(request.promptTokens * BYTES_PER_TOKEN);
  const given = request.messages.map(({ role, content }) => ({ role, content: withSamples(content) }));
  const messages = given.length > 0 ? given : [{ role: 'user', content: filler }];
  return JSON.stringify({ model: request.model, stream: request.stream, messages });
}

function textsOf(body: Uint8Array): string[] {
  const read = readChatRequest(body);
  return read.ok ? read.value.texts.map(({ at }) => stringAt(body, at)) : [];
}

function principalOf(loaded: LoadedRevision, { team: name, key }: TestCase): Principal {
  const team = loaded.revision.teams.get(name);
  if (team === undefined) return { team: ANONYMOUS, labels: {}, models: '*' };
  return { team: name, labels: team.labels, models: team.models, ...(key === undefined ? {} : { key }) };
}

function loadOf(testCase: TestCase): Ledger {
  const ledger = createLedger();
  for (const [address, { waiting, running, down }] of Object.entries(testCase.load)) {
    observe(ledger, address, { atMs: TEST_TIME_MS, waiting, running }, TEST_TIME_MS);
    if (down) recordUnreachable(ledger, address);
  }
  return ledger;
}
