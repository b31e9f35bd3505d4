import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import { checkDuration } from './check-quantity.ts';
import type { DocumentOf } from './document.ts';

const EVERYBODY = '100%';
const BAKE_BOUNDS = { least: '0s', most: '1d' };
/** Below a second a proxy on a slow link would stop a good commit. */
const ACK_TIMEOUT_BOUNDS = { least: '1s', most: '1h' };

export function* checkRollout(fleet: DocumentOf<'Fleet'>): Generator<Diagnostic> {
  const { rollout } = fleet.spec;
  if (rollout === undefined) return;
  const path = ['spec', 'rollout'];
  yield* checkWaves(fleet, rollout.waves);
  yield* checkDuration(fleet, [...path, 'bake', 'time'], rollout.bake.time, BAKE_BOUNDS);
  yield* checkDuration(fleet, [...path, 'gates', 'ackTimeout'], rollout.gates.ackTimeout, ACK_TIMEOUT_BOUNDS);
}

type Waves = NonNullable<DocumentOf<'Fleet'>['spec']['rollout']>['waves'];

/** Numbers are compared with numbers and shares with shares: how many proxies there are is not known here. */
function* checkWaves(fleet: DocumentOf<'Fleet'>, waves: Waves): Generator<Diagnostic> {
  const at = (index: number) => locate(fleet.source, ['spec', 'rollout', 'waves', index]);
  const largest = { count: 0, percent: 0 };
  for (const [index, wave] of waves.entries()) {
    if (typeof wave === 'object') continue;
    const form = typeof wave === 'number' ? 'count' : 'percent';
    const size = Number.parseFloat(String(wave));
    if (size <= largest[form]) {
      const hint = `a wave counts those before it: write more than ${form === 'count' ? largest.count : `${largest.percent}%`}`;
      yield diagnostic('HG3222', at(index), `the wave ${wave} adds no proxy to those before it`, { hint });
    }
    largest[form] = Math.max(largest[form], size);
  }
  if (waves.at(-1) === EVERYBODY) return;
  const hint = `add ${EVERYBODY} at the end`;
  yield diagnostic('HG3222', at(waves.length - 1), 'the last wave leaves proxies without the commit', { hint });
}
