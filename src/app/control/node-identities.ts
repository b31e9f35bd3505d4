import {
  type CertificateName,
  certificateNames,
  type IdentityPattern,
  isIdentity,
} from '../../core/xds/certificate-names.ts';
import type { XdsNode } from '../../core/xds/node.ts';
import type { Log } from '../log.ts';

/** Which holders of certificates may speak for which cluster, and who tried to without being allowed. */
export interface NodeIdentities {
  /** Why a node may not be served by what its certificate says, undefined where it may. */
  readonly authorize: (node: XdsNode, subjectAlternativeName: string) => string | undefined;
  /** Notes that somebody was turned away. */
  readonly onRefused: (node: XdsNode, subjectAlternativeName: string) => void;
  /** The latest first. */
  readonly refused: () => readonly RefusedIdentity[];
  readonly refusedCount: () => number;
}

/** Somebody with a certificate that we trust, who named himself into a fleet that is not his. */
export interface RefusedIdentity {
  /** As the certificate says it; `none` where it says nothing. */
  readonly identity: string;
  /** The cluster and the node id of the last try. */
  readonly cluster: string;
  readonly node: string;
  readonly count: number;
  readonly lastAtMs: number;
}

/** More wrong certificates than that are one and the same mistake. */
const REFUSED_MAX = 100;
/** Names come from whoever calls: as much of them as tells who it was. */
const SHOWN_CHARACTERS_MAX = 200;

/**
 * A cluster that `identities` names belongs to those who are listed with it; any other to the holder of the DNS name that
 * is the cluster's own. A proxy with a certificate for one team's fleet cannot get another's configuration and secrets.
 */
export function createNodeIdentities(
  identities: ReadonlyMap<string, readonly IdentityPattern[]>,
  log: Pick<Log, 'warn'>,
  nowMs: () => number = Date.now,
): NodeIdentities {
  const refused = new Map<string, RefusedIdentity>();
  let count = 0;
  const onRefused = (node: XdsNode, subjectAlternativeName: string) => {
    count += 1;
    const names = certificateNames(subjectAlternativeName);
    const identity = shown(names.map(({ kind, value }) => `${kind}:${value}`).join(', ') || 'none');
    const before = refused.get(identity);
    const entry = { identity, cluster: shown(node.cluster), node: shown(node.id) };
    if (before === undefined) log.warn(entry, 'proxy refused: its certificate is not for the cluster that it names');
    refused.delete(identity);
    refused.set(identity, { ...entry, count: (before?.count ?? 0) + 1, lastAtMs: nowMs() });
    const [oldest] = refused.keys();
    if (refused.size > REFUSED_MAX && oldest !== undefined) refused.delete(oldest);
  };
  return {
    authorize: (node, subjectAlternativeName) => {
      const names = certificateNames(subjectAlternativeName);
      const patterns = identities.get(node.cluster);
      const isAllowed = (name: CertificateName) =>
        patterns === undefined
          ? name.kind === 'DNS' && name.value === node.cluster
          : patterns.some((pattern) => isIdentity(name, pattern));
      if (names.some(isAllowed)) return undefined;
      return `its certificate is not for the cluster "${shown(node.cluster)}"`;
    },
    onRefused,
    refused: () => [...refused.values()].reverse(),
    refusedCount: () => count,
  };
}

function shown(text: string): string {
  return text.slice(0, SHOWN_CHARACTERS_MAX);
}
