import type { FleetProgressView, RolloutStatus } from '../control/rollout-view.ts';
import type { ReleaseAnswer } from '../control/server-status.ts';
import { ageText } from './age-text.ts';
import { plainTable, shortCommit, shortDigest } from './plain-table.ts';
import { changedFacts, type StandingFacts } from './standing-facts.ts';
import { describeReconciled } from './status-text.ts';

/** Stopped commits that are named, the latest first. */
const FROZEN_SHOWN = 5;

/** The rollout for people. */
export function describeRollout(status: RolloutStatus): string {
  const { live, newest, rollout, frozen, isPaused } = status;
  const revision = (mark: { readonly commit: string; readonly digest: string }) =>
    `${shortCommit(mark.commit)}  ${shortDigest(mark.digest)}`;
  const facts = [
    ['live', live === undefined ? 'nothing yet' : revision(live)],
    ...(newest === undefined ? [] : [['newest', `${shortCommit(newest.commit)}  ${newest.kind}`]]),
    ['rollout', rollout === undefined ? 'nothing is on its way' : revision(rollout)],
    ...(isPaused ? [['paused', 'no wave follows another: headgate rollout resume']] : []),
    ...(frozen.length === 0 ? [] : [['frozen', frozenText(frozen)]]),
  ];
  const blocks = [
    facts.map(([name = '', text]) => `${name.padEnd(9)} ${text}`).join('\n'),
    plainTable(
      ['fleet', 'wave', 'state', 'have it', 'missing', 'refused by', 'gates'],
      (rollout?.fleets ?? []).map(row),
    ),
    status.diagnostics,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function frozenText(frozen: RolloutStatus['frozen']): string {
  const latest = frozen.slice(-FROZEN_SHOWN).map(({ commit }) => shortCommit(commit));
  const more = frozen.length > FROZEN_SHOWN ? ` and ${frozen.length - FROZEN_SHOWN} older ones` : '';
  return `${latest.toReversed().join(' ')}${more}, not tried again: headgate rollout release COMMIT`;
}

function row(fleet: FleetProgressView): string[] {
  const { wave, waves, chosen, acknowledged, connected, missing, refusedBy, figures } = fleet;
  const more = chosen - acknowledged - missing.length;
  return [
    fleet.fleet,
    `${wave} of ${waves.length} (${waves.map((text, index) => (index === wave - 1 ? `[${text}]` : text)).join(' ')})`,
    stateText(fleet),
    `${acknowledged} of ${chosen}, ${connected} connected`,
    missing.length === 0 ? '-' : [...missing, ...(more > 0 ? [`${more} more`] : [])].join('\n'),
    refusedBy.length === 0 ? '-' : refusedBy.join('\n'),
    figures
      .map(
        (figure) =>
          `${figure.gate} ${shown(figure.now)}, ${figure.isBroken ? 'above' : 'up to'} ${shown(figure.allowed)}`,
      )
      .join('\n'),
  ];
}

function stateText({ state, bakeLeftMs }: FleetProgressView): string {
  return bakeLeftMs === undefined ? state : `${state}, ${ageText(bakeLeftMs)} left`;
}

function shown(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}

/** What came of an order to try a commit again. */
export function describeReleased(answer: ReleaseAnswer): string {
  if (answer.state !== 'released') return describeReconciled(answer);
  return `${shortCommit(answer.commit)} released: tried when a commit brings it again\n`;
}

/** What is new in a rollout since an earlier look, a line for each. */
export function rolloutChanges(status: RolloutStatus, before: RolloutStatus | undefined): string[] {
  return changedFacts(factsOf(status), before === undefined ? [] : factsOf(before), 'no more');
}

function factsOf({ newest, live, rollout, isPaused }: RolloutStatus): StandingFacts {
  return [
    ['newest', newest && `${shortCommit(newest.commit)} ${newest.kind}`],
    ['live', live && `${shortCommit(live.commit)} ${shortDigest(live.digest)}`],
    ['paused', isPaused ? 'no wave follows another' : undefined],
    ...(rollout?.fleets ?? []).map((fleet) => {
      const { wave, waves, state, acknowledged, chosen } = fleet;
      return [
        `fleet ${fleet.fleet}`,
        `wave ${wave} of ${waves.length} ${state}, ${acknowledged} of ${chosen} have it`,
      ] as const;
    }),
  ];
}
