import { readChatRequest } from '../api/chat-request.ts';
import { hash32 } from '../base/rng.ts';
import { decide } from '../decide/decide.ts';
import type { Principal } from '../decide/identify.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { TestCase } from '../ir/test-case.ts';
import { createLedger, type Ledger, observe, recordUnreachable } from '../load/ledger.ts';
import { withSamples } from '../policy/detectors/samples.ts';

/** Bytes of text that the decision takes for one prompt token. */
const BYTES_PER_TOKEN = 4;
/** As large as the largest context windows. A case makes its prompt, so one commit must not ask for all our memory. */
const PROMPT_TOKENS_MAX = 10_000_000;
/** Test cases are decided at this moment: their outcome may not depend on the day. */
const TEST_TIME_MS = 0;

/** Decides the case as the data path would; gives what is wrong with the decision, or undefined when it holds. */
export function runTestCase(loaded: LoadedRevision, testCase: TestCase): string | undefined {
  const { request, expect } = testCase;
  if (request.promptTokens > PROMPT_TOKENS_MAX) return `a prompt may have ${PROMPT_TOKENS_MAX} tokens at the most here`;
  const headers = new Map(Object.entries(request.headers));
  const body = new TextEncoder().encode(requestBody(testCase));
  const read = readChatRequest(body);
  if (!read.ok) return `the request cannot be read: ${read.error.message}`;
  const decision = decide(
    loaded,
    principalOf(loaded, testCase.team),
    {
      id: testCase.name,
      method: 'POST',
      path: '/v1/chat/completions',
      header: (name) => headers.get(name),
      body,
      request: read.value,
    },
    { ledger: loadOf(testCase), nowMs: TEST_TIME_MS, seed: hash32(testCase.name) },
  );
  const decided =
    decision.kind === 'refused' ? `denied: ${decision.refusal.code}` : `offer: ${decision.attempts[0]?.offer}`;
  const expected = expect.kind === 'denied' ? `denied: ${expect.code}` : `offer: ${expect.offer}`;
  return decided === expected ? undefined : `expected ${expected}, and the decision is ${decided}`;
}

function requestBody({ request }: TestCase): string {
  const filler = 'x'.repeat(request.promptTokens * BYTES_PER_TOKEN);
  const given = request.messages.map(({ role, content }) => ({ role, content: withSamples(content) }));
  const messages = given.length > 0 ? given : [{ role: 'user', content: filler }];
  return JSON.stringify({ model: request.model, stream: request.stream, messages });
}

function principalOf(loaded: LoadedRevision, name: string): Principal {
  const team = loaded.revision.teams.get(name);
  return team === undefined
    ? { team: ANONYMOUS, labels: {}, models: '*' }
    : { team: name, labels: team.labels, models: team.models };
}

function loadOf(testCase: TestCase): Ledger {
  const ledger = createLedger();
  for (const [address, { waiting, running, down }] of Object.entries(testCase.load)) {
    observe(ledger, address, { atMs: TEST_TIME_MS, waiting, running }, TEST_TIME_MS);
    if (down) recordUnreachable(ledger, address);
  }
  return ledger;
}
