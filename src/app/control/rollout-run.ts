import { present } from '../../core/base/assert.ts';
import type { Digest } from '../../core/base/digest.ts';
import type { RolloutPlan } from '../../core/ir/rollout-plan.ts';
import { counterKey, countersSince, NO_REQUESTS } from '../../core/rollout/revision-counters.ts';
import {
  lookAtRollout,
  type Rollout,
  type RolloutStep,
  refuseRollout,
  startRollout,
} from '../../core/rollout/rollout.ts';
import { type KeptRollout, keptRollout, restoredRollout } from '../../core/rollout/rollout-state.ts';
import type { Breach, ComparedCounters, RolloutAction, RolloutView } from '../../core/rollout/rollout-view.ts';
import type { WaveNodes } from '../../core/rollout/waves.ts';
import type { Bundle } from '../revision/bundle.ts';
import type { ControlPorts } from './control-ports.ts';

type RunPorts = Pick<ControlPorts, 'proxies' | 'isExpecting' | 'counters' | 'monotonicMs' | 'onEvent'> & {
  readonly offer: ControlPorts['publisher']['offer'];
  /** Hears that other proxies are offered it than before. */
  readonly onOffered: () => void;
  /** It is time to look, although nothing happened. */
  readonly onDue: () => void;
};

/** How a rollout ended. */
export type RunOutcome =
  | { readonly kind: 'complete'; readonly taken: boolean }
  | { readonly kind: 'breached'; readonly breach: Breach };

/** A revision on its way, and whither it goes. */
export interface RunOrder {
  readonly bundle: Bundle;
  readonly commit: string;
  /** The revision with which its requests are compared. */
  readonly previous: Digest | undefined;
  readonly plans: readonly { readonly fleet: string; readonly plan: RolloutPlan }[];
  /** Whether somebody who wants rollouts to wait means this one too. */
  readonly isHeldUp: boolean;
  /** Where an earlier process had come to. */
  readonly kept?: KeptRollout;
}

/** Where the revision before answered fewer requests meanwhile, all that it answered in this process is compared. */
const COMPARED_MIN = 50;

interface Run {
  readonly order: RunOrder;
  /** The totals of each fleet when it began. */
  readonly base: ReadonlyMap<string, ComparedCounters>;
  readonly nodes: Map<string, WaveNodes>;
  rollout: Rollout;
  /** Whether the publisher knows of it. */
  isOffered: boolean;
}

/** Brings one revision at a time to the fleets, wave by wave. */
export class RolloutRun {
  readonly #ports: RunPorts;
  #run: Run | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: RunPorts) {
    this.#ports = ports;
  }

  /** The rollout under way. */
  get rollout(): Rollout | undefined {
    return this.#run?.rollout;
  }

  get kept(): KeptRollout | undefined {
    return this.#run && keptRollout(this.#run.rollout);
  }

  /** Takes the place of the one under way. Nothing is offered before the first look, but for what was offered before. */
  begin(order: RunOrder): void {
    this.stop();
    const { bundle, kept, plans } = order;
    const started = startRollout({ digest: bundle.digest, commit: order.commit }, plans);
    const rollout = kept === undefined ? started : restoredRollout(started, kept, this.#ports.monotonicMs());
    const nodes = new Map(
      rollout.fleets.flatMap(({ fleet, wave, nodes: known }) => (wave < 0 ? [] : [[fleet, known]])),
    );
    const base = new Map(plans.map(({ fleet }) => [fleet, this.#totalsOf(order, fleet)]));
    this.#run = { order, base, nodes, rollout, isOffered: false };
    if (nodes.size > 0) this.offer();
  }

  /** Offers once more what is offered. */
  offer(): void {
    if (this.#run === undefined) return;
    this.#run.isOffered = true;
    this.#ports.offer(this.#run.order.bundle, this.#run.nodes);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#run = undefined;
  }

  /** What the proxies and their requests say of it now. */
  look(isPaused: boolean): RunOutcome | undefined {
    const run = this.#run;
    return run && this.#take(run, lookAtRollout(run.rollout, this.#view(run, isPaused)));
  }

  /** A proxy refused it. */
  refuse(fleet: string, node: string): RunOutcome | undefined {
    const run = this.#run;
    return run && this.#take(run, refuseRollout(run.rollout, fleet, node));
  }

  #view(run: Run, isPaused: boolean): RolloutView {
    return {
      nowMs: this.#ports.monotonicMs(),
      nodes: this.#ports.proxies(),
      isExpecting: this.#ports.isExpecting(),
      isPaused: isPaused && run.order.isHeldUp,
      compared: (fleet) => this.#compared(run, fleet),
    };
  }

  #compared({ order, base }: Run, fleet: string): ComparedCounters {
    const { candidate, previous } = this.#totalsOf(order, fleet);
    const before = present(base.get(fleet), 'the totals of a fleet of the rollout');
    const meanwhile = countersSince(previous, before.previous);
    return {
      candidate: countersSince(candidate, before.candidate),
      previous: meanwhile.requests < COMPARED_MIN ? previous : meanwhile,
    };
  }

  #totalsOf({ bundle, previous }: RunOrder, fleet: string): ComparedCounters {
    const { counters } = this.#ports;
    return {
      candidate: counters(counterKey(bundle.digest, fleet)),
      previous: previous === undefined ? NO_REQUESTS : counters(counterKey(previous, fleet)),
    };
  }

  #take(run: Run, { rollout, actions, wakeAtMs }: RolloutStep): RunOutcome | undefined {
    run.rollout = rollout;
    let outcome: RunOutcome | undefined;
    let hasOffers = false;
    for (const action of actions) {
      if (action.kind === 'complete' || action.kind === 'breached') outcome = action;
      if (action.kind === 'offer') {
        run.nodes.set(action.fleet, action.nodes);
        hasOffers = true;
      }
      this.#tell(run, action);
    }
    // Also where it is complete with the same look: nobody may be left with what served before.
    if (hasOffers || !run.isOffered) this.offer();
    if (hasOffers) this.#ports.onOffered();
    clearTimeout(this.#timer);
    if (wakeAtMs !== undefined) {
      const delayMs = Math.max(0, Math.ceil(wakeAtMs - this.#ports.monotonicMs()));
      this.#timer = setTimeout(this.#ports.onDue, delayMs);
      this.#timer.unref();
    }
    return outcome;
  }

  #tell({ rollout: { commit, digest, fleets } }: Run, action: RolloutAction): void {
    if (action.kind !== 'wave-started' && action.kind !== 'wave-passed') return;
    const at = present(
      fleets.find(({ fleet }) => fleet === action.fleet),
      'a fleet of the rollout',
    );
    // A fleet without waves has nothing to tell that the end of the commit does not.
    if (at.plan.waves.length === 1) return;
    const wave = { commit, digest, fleet: action.fleet, wave: action.wave + 1, waves: at.plan.waves.length };
    if (action.kind === 'wave-passed') this.#ports.onEvent({ kind: action.kind, ...wave, ...action.judgement });
    else this.#ports.onEvent({ kind: action.kind, ...wave, proxies: at.nodes === 'all' ? 'all' : at.nodes.size });
  }
}
