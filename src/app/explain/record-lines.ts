import Table from 'cli-table3';
import type { DecisionRecord } from '../../core/decide/record.ts';
import { visibleText } from '../../core/diagnostics/visible-text.ts';
import type { Rerun } from '../../core/plan/rerun-record.ts';
import type { DecidingPlace } from './explained-record.ts';

/** A record for people: what was asked, what came of it, what was looked at, and where it is written. */
export function recordLines(record: DecisionRecord, places: readonly DecidingPlace[]): string[] {
  return [
    `decision  ${record.id}  ${new Date(record.timeMs).toISOString()}`,
    `commit    ${record.commit}  (${record.digest.slice(0, 'sha256:'.length + 12)})`,
    `asked     ${askedLine(record)}`,
    `outcome   ${outcomeLine(record)}`,
    ...attemptLines(record),
    ...record.removed.map(({ offer, reason, detail }) => `removed   ${offer}: ${reason} (${detail})`),
    ...record.policies.map(
      ({ guardrail, stage, rule, code, enforced }) =>
        `policy    ${guardrail} ${rule} ${code} on the ${stage}${enforced ? '' : ' (shadow: not enforced)'}`,
    ),
    ...redactionLines(record),
    ...candidateLines(record),
    ...downLines(record),
    ...places.map(({ what, origin, lastChange }) => {
      const change = lastChange === undefined ? '' : `  ${lastChange.commit.slice(0, 12)} ${lastChange.author}`;
      return `because   ${what}  ${origin.file}:${origin.line}${change}`;
    }),
  ];
}

/** What came of deciding again, in a line. */
export function rerunLine(rerun: Rerun): string {
  switch (rerun.kind) {
    case 'same':
      return 're-run    the same decision, byte for byte';
    case 'different':
      return `re-run    ANOTHER decision: ${outcomeLine(rerun.again)}, ${attemptLines(rerun.again).join(', ')}`;
    case 'incomplete':
      return `re-run    not possible without ${rerun.missing.join(', ')}`;
  }
}

function askedLine({ request, principal, route }: DecisionRecord): string {
  const who =
    principal === undefined
      ? 'an unknown key'
      : `team ${principal.team}${principal.key === undefined ? '' : `, key ${principal.key}`}`;
  // A stranger wrote these words: on a terminal they must not move the cursor.
  const name = visibleText(request.model ?? request.path);
  const what = request.stream === true ? `${name} streamed` : name;
  const size = request.promptTokens === undefined ? '' : `, about ${request.promptTokens} prompt tokens`;
  return `${what} by ${who}${size}${route === undefined ? '' : `, route ${route}`}`;
}

function outcomeLine({ outcome, refusal }: DecisionRecord): string {
  if (refusal !== undefined)
    return `refused${outcome === undefined ? '' : ` ${outcome.status}`}: ${refusal.reason} (${refusal.code})`;
  if (outcome === undefined) return 'not known';
  const { served, usage, upstreamStatus } = outcome;
  const upstream = upstreamStatus === undefined ? '' : ` (the upstream said ${upstreamStatus})`;
  const by =
    served === undefined
      ? ''
      : ` by ${served.offer}${served.address === undefined ? '' : ` at ${served.address}`}, attempt ${served.attempt}`;
  const tokens =
    usage === undefined
      ? ''
      : `, ${usage.inputTokens} + ${usage.outputTokens} tokens ${usage.source}, ${(outcome.costMicroUsd / 1e6).toFixed(8)} USD`;
  return `${outcome.kind} ${outcome.status}${upstream}${by}${tokens}, ${outcome.totalMs} ms`;
}

function attemptLines({ attempts }: DecisionRecord): string[] {
  return attempts.map(
    ({ offer, address }, index) => `attempt ${index + 1} ${offer}${address === undefined ? '' : ` at ${address}`}`,
  );
}

function redactionLines({ judged = [] }: DecisionRecord): string[] {
  return judged.flatMap(({ guardrail, redacted }) =>
    redacted === undefined || redacted.spans === 0
      ? []
      : [`policy    ${guardrail} redacts ${redacted.spans} on the request`],
  );
}

function downLines({ candidates }: DecisionRecord): string[] {
  return candidates.flatMap(({ pool, down = [] }) => down.map((address) => `down      ${address} of pool ${pool}`));
}

function candidateLines({ candidates }: DecisionRecord): string[] {
  return candidates.flatMap(({ pool, endpoints }) => {
    const head = [`pool ${pool}`, 'queue (tokens)', 'active', 'prefill (tokens/s)', 'KV', 'cost (s)'];
    const table = new Table({ head, style: { head: [], border: [] } });
    for (const endpoint of endpoints) {
      table.push([
        endpoint.address,
        endpoint.queuedTokens,
        endpoint.activeRequests,
        endpoint.prefillTokensPerSecond,
        endpoint.kvUsage === undefined ? '-' : `${Math.round(endpoint.kvUsage * 100)} %`,
        endpoint.costSeconds.toFixed(4),
      ]);
    }
    return table.toString().split('\n');
  });
}
