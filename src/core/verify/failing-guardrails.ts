import { assert } from '../base/assert.ts';
import type { LoadedRevision } from '../decide/loaded-revision.ts';
import type { EvaluatePolicy } from '../policy/policy-port.ts';

/** The revision with guardrails that give no decision, as if each took too many steps. */
export function withFailing(loaded: LoadedRevision, names: readonly string[]): LoadedRevision {
  if (names.length === 0) return loaded;
  const evaluate: EvaluatePolicy = (inputJson, nowMs) => {
    const input: unknown = JSON.parse(inputJson);
    assert(typeof input === 'object' && input !== null && 'active' in input, 'an input says who is asked');
    const active = Object.keys(input.active ?? {});
    if (!names.some((name) => active.includes(name))) return loaded.evaluate(inputJson, nowMs);
    return { kind: 'failed', reason: 'fuel', message: 'the test case lets it fail' };
  };
  return { ...loaded, evaluate };
}
