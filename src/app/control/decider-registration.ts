import type { Digest } from '../../core/base/digest.ts';
import type { SocketPlace } from '../../core/envoy/bootstrap.ts';
import { deciderEndpoints } from '../../core/envoy/decider-clusters.ts';
import {
  type DeciderRoster,
  forgetLost,
  hold,
  join,
  lacking,
  leave,
  lose,
  openAddresses,
} from '../../core/rollout/decider-roster.ts';
import type { CountersByKey, InUse } from '../../io/bundles/bundle-messages.ts';
import type { DeciderCall } from '../../io/bundles/bundle-server.ts';
import type { FleetResource } from '../../io/grpc/fleet-content.ts';
import { readDeciders, saveDeciders } from '../../io/store/registered-deciders.ts';
import type { Standing } from '../decider/decider.ts';
import type { Log } from '../log.ts';
import { proxyAddress } from './decider-admission.ts';
import { createDeciderCounts, type DeciderCounts } from './decider-counts.ts';
import { type RemoteDeciderStatus, remoteDeciderStatuses } from './decider-statuses.ts';
import type { RevisionCounts } from './revision-counts.ts';

/** What the shell needs of the rest of the process. */
export interface RegistrationOptions {
  readonly stateDirectory: string;
  readonly standing: () => Standing;
  /** What every decider must hold, and what single proxies name besides. */
  readonly required: () => readonly string[];
  readonly named: () => readonly string[];
  readonly counts: Pick<RevisionCounts, 'take'>;
  /** Whether there is mutual TLS. */
  readonly isSecure: boolean;
  /** Replaces what all proxies are told of deciders. */
  readonly publish: (resources: readonly FleetResource[]) => void;
  /** How long a commit waits for deciders to fetch a revision. Default: HOLD_WAIT_MS. */
  readonly holdWaitMs?: number;
  readonly log: Log;
}

/** Some hundred kilobytes, and a policy to load. */
const HOLD_WAIT_MS = 5_000;
/** Longer than it takes from a revision that is held to its first proxy. */
const SETTLED_MS = 10_000;

/** The roster of deciders with what follows from it: what they are told, what proxies are told, what is kept. */
export class DeciderRegistration {
  #roster: DeciderRoster = new Map();
  readonly #options: RegistrationOptions;
  /** By name: the latest call, with what it was told last. */
  readonly #calls = new Map<string, { readonly call: DeciderCall; told: string }>();
  readonly #counts: DeciderCounts;
  /** By name, while it is known: whose certificate it came with. Nobody else takes it over. */
  readonly #owners = new Map<string, string>();
  /** Asked of deciders before proxies may name it. */
  #offered: Digest | undefined;
  /** Required of them after the wait, until the control plane itself says so. */
  #settled: { readonly digest: Digest; readonly untilMs: number } | undefined;
  readonly #waiting = new Set<() => void>();
  #published: string | undefined;
  #kept = '';
  #saving: Promise<void> = Promise.resolve();

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.#counts = createDeciderCounts(options.counts);
  }

  /** Those that were here before a restart of ours: proxies go on asking them. */
  async recall(): Promise<void> {
    const sinceMs = performance.now();
    const kept = await readDeciders(this.#options.stateDirectory);
    this.#roster = new Map(
      kept.map(({ decider, held, ...rest }) => [
        decider,
        { ...rest, held: new Set(held), presence: { kind: 'expected', sinceMs } },
      ]),
    );
    this.refresh();
  }

  joined(call: DeciderCall): void {
    const { hello, peer, certificateNames } = call;
    if ((this.#owners.get(hello.decider) ?? certificateNames) !== certificateNames) {
      this.#options.log.warn({ code: 'decider-name-taken', decider: hello.decider, peer }, 'decider refused');
      call.end('the name is that of a decider with another certificate');
      return;
    }
    this.#owners.set(hello.decider, certificateNames);
    const before = this.#calls.get(hello.decider);
    this.#calls.set(hello.decider, { call, told: '' });
    before?.call.end('another connection of the same decider');
    const isKnown = proxyAddress(hello.address, this.#options.isSecure) !== undefined;
    const address = isKnown ? hello.address : '';
    this.#roster = join(this.#roster, { ...hello, address });
    this.#options.log.info({ decider: hello.decider, peer, address, version: hello.version }, 'decider joined');
    // It says next what it holds: until then nothing changes for proxies.
    this.#tell();
  }

  holds(call: DeciderCall, digests: readonly Digest[]): void {
    if (!this.#isCurrent(call)) return;
    this.#roster = hold(this.#roster, call.hello.decider, digests);
    this.refresh();
  }

  counted(call: DeciderCall, counters: CountersByKey): void {
    if (this.#isCurrent(call)) this.#counts.take(call.hello, counters);
  }

  leaving(call: DeciderCall): void {
    if (!this.#isCurrent(call)) return;
    this.#roster = leave(this.#roster, call.hello.decider);
    this.#options.log.info({ decider: call.hello.decider }, 'decider leaves');
    this.refresh();
  }

  gone(call: DeciderCall, reason: string): void {
    if (!this.#isCurrent(call)) return;
    const { decider } = call.hello;
    this.#calls.delete(decider);
    this.#roster = lose(this.#roster, decider, performance.now());
    this.#options.log.info({ decider, reason }, 'decider gone');
    this.refresh();
  }

  status(): RemoteDeciderStatus[] {
    return remoteDeciderStatuses(this.#roster, this.#required(), this.#counts.decidedBy);
  }

  /** Resolves when the disk has what is to be kept. */
  saved(): Promise<void> {
    return this.#saving;
  }

  async hold(digest: Digest): Promise<void> {
    this.#offered = digest;
    this.refresh();
    const deadline = AbortSignal.timeout(this.#options.holdWaitMs ?? HOLD_WAIT_MS);
    deadline.addEventListener('abort', () => this.#wake(), { once: true });
    const late = () => lacking(this.#roster, digest, this.#required());
    while (late().length > 0 && !deadline.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
      });
    }
    if (late().length > 0) this.#options.log.warn({ digest, deciders: late() }, 'deciders do not hold the revision');
    this.#offered = undefined;
    this.#settled = { digest, untilMs: performance.now() + SETTLED_MS };
    this.refresh();
  }

  /** Says to all what is in use, to proxies who may be asked, and keeps it. */
  refresh(): void {
    this.#roster = forgetLost(this.#roster, performance.now());
    for (const name of this.#owners.keys()) {
      if (this.#roster.has(name)) continue;
      this.#counts.forget(name);
      this.#owners.delete(name);
    }
    this.#tell();
    this.#publish(openAddresses(this.#roster, this.#required()));
    this.#keep();
    this.#wake();
  }

  #tell(): void {
    const inUse = this.#inUse();
    const text = JSON.stringify(inUse);
    for (const each of this.#calls.values()) {
      if (each.told === text) continue;
      each.told = text;
      each.call.tell(inUse);
    }
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  #isCurrent(call: DeciderCall): boolean {
    return this.#calls.get(call.hello.decider)?.call === call;
  }

  #required(): Set<Digest> {
    const { digest, untilMs } = this.#settled ?? { untilMs: 0 };
    const settled = digest === undefined || performance.now() >= untilMs ? [] : [digest];
    return new Set([...(this.#options.required() as readonly Digest[]), ...settled]);
  }

  #inUse(): InUse {
    const { live, candidate } = this.#options.standing();
    const needed = new Set([...this.#required(), ...(this.#offered === undefined ? [] : [this.#offered])]);
    const named = [...new Set(this.#options.named() as readonly Digest[])].filter((digest) => !needed.has(digest));
    return { live: live as Digest | undefined, candidate: candidate as Digest | undefined, needed: [...needed], named };
  }

  #publish(open: readonly string[]): void {
    const text = open.join(' ');
    if (text === this.#published) return;
    if (this.#published !== undefined) this.#options.log.info({ deciders: open }, 'proxies ask these deciders');
    this.#published = text;
    const { isSecure, publish } = this.#options;
    publish([deciderEndpoints(open.flatMap((each) => placeOf(each, isSecure)))]);
  }

  #keep(): void {
    const kept = [...this.#roster].map(([decider, { instance, address, version, held }]) => ({
      ...{ decider, instance, address, version, held: [...held] },
    }));
    const text = JSON.stringify(kept);
    if (text === this.#kept) return;
    this.#kept = text;
    this.#saving = this.#saving
      .then(() => saveDeciders(this.#options.stateDirectory, kept))
      .catch((cause: unknown) => this.#options.log.warn({ cause: String(cause) }, 'deciders on disk'));
  }
}

function placeOf(text: string, isSecure: boolean): SocketPlace[] {
  const address = proxyAddress(text, isSecure);
  if (address === undefined) return [];
  return ['path' in address ? { pipe: address.path } : address];
}
