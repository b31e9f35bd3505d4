import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import type { Fleet } from '../ir/ir.ts';
import type { GateFigure } from './gates.ts';
import { listed } from './listed.ts';
import type { Breach } from './rollout-view.ts';

/**
 * Why a revision was stopped, at the Fleet on whose proxies it was: HG6004 for proxies that did not answer, HG6005 for a
 * gate. A refusal has diagnostics of its own, at the line of what was refused.
 */
export function breachDiagnostics(breach: Breach, fleets: readonly Fleet[]): Diagnostic[] {
  const origin = fleets.find(({ cluster }) => cluster === breach.fleet)?.origin;
  const { file, line, column } = origin ?? { file: '(compiled)', line: 1, column: 1 };
  const span = { file, start: { line, column }, end: { line, column: column + 1 } };
  const where = `in wave ${breach.wave + 1} of the fleet "${breach.fleet}"`;
  switch (breach.kind) {
    case 'refused':
      return [];
    case 'unacknowledged': {
      const message = `${where} the commit was not acknowledged in time by ${listed(breach.nodes)}`;
      return [diagnostic('HG6004', span, message, { hint: 'see what these proxies say, then release the commit' })];
    }
    case 'gate':
      return breach.figures.map((figure) => diagnostic('HG6005', span, `${where} ${figureText(figure)}`));
  }
}

function figureText({ gate, before, now, allowed }: GateFigure): string {
  const [text, what] = {
    errorRateRise: [percentText, 'of the requests failed'] as const,
    denyRateRise: [percentText, 'of the requests were refused'] as const,
    costRise: [usdText, 'was the cost of a request'] as const,
    firstTokenP99Rise: [millisecondsText, 'was the 99th percentile to the first token'] as const,
  }[gate];
  return `${text(now)} ${what}, ${text(before)} before it and ${text(allowed)} allowed (${gate})`;
}

function percentText(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}

function usdText(usd: number): string {
  return `${Number(usd.toPrecision(3))} USD`;
}

function millisecondsText(ms: number): string {
  return `${Math.round(ms)} ms`;
}
