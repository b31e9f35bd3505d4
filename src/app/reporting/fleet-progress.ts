/** How far the proxies of one fleet are with one revision. */
export interface FleetProgress {
  readonly fleet: string;
  /** Connected, and offered the revision or past it. */
  readonly proxies: number;
  readonly acknowledged: number;
  /** Proxies that refused a resource of it. */
  readonly refused: number;
  /** From the publication to the last acknowledgement so far; absent where none was heard. */
  readonly acknowledgeMs?: number;
  /** The wave under way, from 1, where the fleet has several. */
  readonly wave?: Wave;
}

export interface Wave {
  readonly wave: number;
  readonly waves: number;
}

/** As far as progress looks at a connected proxy. */
export interface ReportedProxy {
  readonly node: string;
  readonly fleet: string | undefined;
  readonly held: string | undefined;
  readonly offered: string | undefined;
  readonly fullyAcknowledged: string | undefined;
}

/** By fleet. */
export interface SeenOfFleets {
  readonly refusals: ReadonlyMap<string, ReadonlySet<string>>;
  readonly waves: ReadonlyMap<string, Wave>;
  /** Milliseconds from the publication to the last acknowledgement. */
  readonly acknowledgements: ReadonlyMap<string, number>;
}

/**
 * One entry for each fleet, in their order. Held proxies do not count: they are served nothing.
 * @param seen what was heard of the fleets: the nodes that refused it, the waves, and the last acknowledgements
 */
export function fleetProgress(
  digest: string,
  fleets: readonly string[],
  proxies: readonly ReportedProxy[],
  { refusals, waves, acknowledgements }: SeenOfFleets,
): FleetProgress[] {
  const served = proxies.filter(({ held }) => held === undefined);
  return fleets.map((fleet) => {
    const wave = waves.get(fleet);
    const acknowledgeMs = acknowledgements.get(fleet);
    const own = served.filter((proxy) => proxy.fleet === fleet);
    return {
      fleet,
      proxies: own.length,
      acknowledged: own.filter(({ fullyAcknowledged }) => fullyAcknowledged === digest).length,
      refused: refusals.get(fleet)?.size ?? 0,
      ...(acknowledgeMs === undefined ? {} : { acknowledgeMs }),
      ...(wave === undefined ? {} : { wave }),
    };
  });
}
