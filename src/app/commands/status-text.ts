import Table from 'cli-table3';
import type { ReconcileAnswer, ServerStatus } from '../control/server-status.ts';

const DIGEST_CHARACTERS = 'sha256:'.length + 12;

/** The status for people. */
export function describeStatus(status: ServerStatus): string {
  const lines = [
    `source    ${status.source.url} ${status.source.ref}${status.source.failure === undefined ? '' : `  (${status.source.failure})`}`,
    `live      ${status.live === undefined ? 'nothing yet' : `${status.live.commit.slice(0, 12)}  ${shorten(status.live.digest)}`}`,
  ];
  if (status.newest !== undefined) lines.push(`newest    ${status.newest.commit.slice(0, 12)}  ${status.newest.kind}`);
  if (status.storeFailure !== undefined)
    lines.push(`state     ${status.storeFailure}; a restart would not serve what is live`);
  lines.push('', proxyTable(status), '', engineTable(status));
  for (const secret of status.secrets.filter((entry) => !entry.present))
    lines.push(`secret "${secret.name}" has no value`);
  if (status.newest !== undefined && status.newest.diagnostics !== '') lines.push('', status.newest.diagnostics);
  return `${lines.join('\n')}\n`;
}

/** What came of a reconcile, for people. */
export function describeReconciled(answer: ReconcileAnswer): string {
  const { timings } = answer;
  const parts = `fetch ${ms(timings.fetchMs)}, read ${ms(timings.readMs)}, compile ${ms(timings.compileMs)}, acknowledge ${ms(timings.acknowledgeMs)}`;
  const text = answer.diagnostics === '' ? '' : `\n${answer.diagnostics}\n`;
  return `${answer.commit.slice(0, 12)} ${answer.state} (${parts})\n${text}`;
}

function proxyTable(status: ServerStatus): string {
  const table = new Table({ head: ['proxy', 'fleet', 'envoy', 'acknowledged'], style: { head: [], border: [] } });
  for (const proxy of status.proxies) {
    const state = proxy.held ?? proxy.refusal ?? (proxy.digest === undefined ? 'on its way' : shorten(proxy.digest));
    const { outdated } = proxy;
    const serves = outdated === undefined ? '' : `\nserves ${shorten(outdated)}, which is no longer live`;
    table.push([proxy.node, proxy.fleet, proxy.version, `${state}${serves}`]);
  }
  return table.toString();
}

function engineTable(status: ServerStatus): string {
  const head = ['pool', 'engine', 'state', 'queue (tokens)', 'active', 'waiting', 'KV', 'prefill (tokens/s)'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const engine of status.engines) {
    table.push([
      engine.pool,
      engine.address,
      engine.down ? 'down' : 'up',
      engine.queuedTokens,
      engine.activeRequests,
      engine.waiting ?? '-',
      engine.kvUsage === undefined ? '-' : `${Math.round(engine.kvUsage * 100)} %`,
      engine.prefillTokensPerSecond,
    ]);
  }
  return table.toString();
}

function shorten(digest: string): string {
  return digest.slice(0, DIGEST_CHARACTERS);
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
