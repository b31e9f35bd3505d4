import type { RemoteDeciderStatus } from '../control/decider-statuses.ts';
import type { EngineStatus, ProxyStatus, ReconcileAnswer, ServerStatus } from '../control/server-status.ts';
import { ageText, timeText } from './age-text.ts';
import { conditionLines } from './condition-lines.ts';
import { plainTable, shortCommit, shortDigest } from './plain-table.ts';
import { sourceLines } from './source-text.ts';
import { changedFacts, type StandingFacts } from './standing-facts.ts';

/** More proxies than that are no table to read: then those that need somebody are shown, and the rest is counted. */
const PROXIES_MAX = 20;
/** A certificate that ends so soon is told although all is well yet. */
const EXPIRY_TOLD_MS = 30 * 86_400_000;

/** The status for people. */
export function describeStatus(status: ServerStatus, nowMs: number): string {
  const { live, newest } = status;
  const facts: [string, readonly string[]][] = [
    ['is', conditionLines(status.conditions)],
    ['source', sourceLines(status.source, nowMs)],
    ['live', [live === undefined ? 'nothing yet' : `${shortCommit(live.commit)}  ${shortDigest(live.digest)}`]],
    ['newest', newest === undefined ? [] : [`${shortCommit(newest.commit)}  ${newest.kind}`]],
    ['tls', tlsLines(status, nowMs)],
    ['state', status.storeFailure === undefined ? [] : [storeLine(status.storeFailure)]],
  ];
  const refused = (status.refusedIdentities ?? []).map(
    ({ identity, cluster, node, count }) => `turned away: ${identity} as ${node} of ${cluster}, ${count} times`,
  );
  const missing = status.secrets.filter(({ present }) => !present).map(({ name }) => `secret "${name}" has no value`);
  const blocks = [
    facts.flatMap(([name, lines]) => factLines(name, lines)).join('\n'),
    proxyTable(status.proxies),
    deciderTable(status.deciders ?? []),
    engineTable(status.engines),
    [...refused, ...missing].join('\n'),
    newest?.diagnostics ?? '',
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

const NAME_CHARACTERS = 10;

function factLines(name: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `${(index === 0 ? name : '').padEnd(NAME_CHARACTERS)}${line}`);
}

function storeLine(failure: string): string {
  return `${failure}; a restart would not serve what is live`;
}

function tlsLines({ tls }: ServerStatus, nowMs: number): string[] {
  if (tls === undefined) return [];
  const failed = tls.failure === undefined ? [] : [`the certificate files are not taken: ${tls.failure}`];
  const soon = tls.certificates.filter(({ expiresAtMs }) => expiresAtMs - nowMs < EXPIRY_TOLD_MS);
  return [
    ...failed,
    ...soon.map(({ use, subject, expiresAtMs }) => `${use} ${subject} ${expiryText(expiresAtMs, nowMs)}`),
  ];
}

function expiryText(expiresAtMs: number, nowMs: number): string {
  if (expiresAtMs <= nowMs) return `expired ${ageText(nowMs - expiresAtMs)} ago`;
  return `expires in ${ageText(expiresAtMs - nowMs)}, ${timeText(expiresAtMs)}`;
}

/** What came of a reconcile, for people. */
export function describeReconciled(answer: ReconcileAnswer): string {
  const { timings } = answer;
  const parts = `fetch ${ms(timings.fetchMs)}, read ${ms(timings.readMs)}, compile ${ms(timings.compileMs)}, acknowledge ${ms(timings.acknowledgeMs)}`;
  const text = answer.diagnostics === '' ? '' : `\n${answer.diagnostics}\n`;
  return `${shortCommit(answer.commit)} ${answer.state} (${parts})\n${text}`;
}

function proxyTable(proxies: readonly ProxyStatus[]): string {
  const isLong = proxies.length > PROXIES_MAX;
  const wanting = proxies.filter((proxy) => !isWell(proxy));
  const shown = isLong ? wanting.slice(0, PROXIES_MAX) : proxies;
  const rows = shown.map((proxy) => [proxy.node, proxy.fleet, proxy.version, proxyText(proxy)]);
  const table = plainTable(['proxy', 'fleet', 'envoy', 'acknowledged'], rows);
  if (!isLong) return table === '' ? 'no proxy is connected' : table;
  const summary = `${proxies.length} proxies, ${wanting.length} of them not on what they are offered (headgate fleet)`;
  return table === '' ? summary : `${summary}\n${table}`;
}

function isWell({ digest, held, refusal, outdated }: ProxyStatus): boolean {
  return digest !== undefined && held === undefined && refusal === undefined && outdated === undefined;
}

function proxyText(proxy: ProxyStatus): string {
  const state = proxy.held ?? proxy.refusal ?? (proxy.digest === undefined ? 'on its way' : shortDigest(proxy.digest));
  const { outdated } = proxy;
  return outdated === undefined ? state : `${state}\nserves ${shortDigest(outdated)}, which is no longer live`;
}

function deciderTable(deciders: readonly RemoteDeciderStatus[]): string {
  const rows = deciders.map(({ name, address, version, state, lacks, decided }) => {
    const text = state === 'behind' ? `lacks ${lacks.map(shortDigest).join(', ')}` : state;
    return [name, address === '' ? 'none' : address, version, text, `${decided}`];
  });
  return plainTable(['decider', 'address', 'version', 'state', 'decided'], rows);
}

function engineTable(engines: readonly EngineStatus[]): string {
  const head = ['pool', 'engine', 'state', 'queue (tokens)', 'active', 'waiting', 'KV', 'prefill (tokens/s)'];
  const rows = engines.map((engine) => [
    ...[engine.pool, engine.address, engine.down ? 'down' : 'up', engine.queuedTokens, engine.activeRequests],
    engine.waiting ?? '-',
    engine.kvUsage === undefined ? '-' : `${Math.round(engine.kvUsage * 100)} %`,
    engine.prefillTokensPerSecond,
  ]);
  return plainTable(head, rows);
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

/** What is new in a status since an earlier one, a line for each. */
export function statusChanges(status: ServerStatus, before: ServerStatus | undefined): string[] {
  return changedFacts(factsOf(status), before === undefined ? [] : factsOf(before), 'no more');
}

function factsOf(status: ServerStatus): StandingFacts {
  const { source, live, newest, tls } = status;
  return [
    ['fetch failed', source.failure],
    ['suspended', source.suspended?.reason],
    ['pinned', source.pinned?.commit],
    ['overridden', source.override?.reason],
    ['newest', newest && `${shortCommit(newest.commit)} ${newest.kind}`],
    ['live', live && `${shortCommit(live.commit)} ${shortDigest(live.digest)}`],
    ['certificate files not taken', tls?.failure],
    ['state', status.storeFailure],
    ...status.conditions.map(({ type, status: value, reason }) => [type, `${value} ${reason}`] as const),
    ...(status.deciders ?? []).map(({ name, state }) => [`decider ${name}`, state] as const),
    ...status.proxies.map((proxy) => [`proxy ${proxy.node}`, proxyText(proxy).replace('\n', ', ')] as const),
    ...status.engines.map(({ address, down }) => [`engine ${address}`, down ? 'down' : 'up'] as const),
    ...(status.refusedIdentities ?? []).map(
      ({ identity, cluster }) => [`turned away ${identity}`, `named itself into ${cluster}`] as const,
    ),
  ];
}
