import {
  type FleetSummary,
  type FleetView,
  PROXY_STATES,
  type ProxyView,
  type RefusalView,
} from '../control/fleet-view.ts';
import { ageText } from './age-text.ts';
import { plainTable, shortCommit, shortDigest } from './plain-table.ts';
import { changedFacts, type StandingFacts } from './standing-facts.ts';

/** The fleets and their proxies for people. */
export function describeFleet(view: FleetView, nowMs: number): string {
  const blocks = [
    view.fleets.length === 0 ? 'no proxy is connected' : fleetTable(view.fleets),
    proxyTable(view.proxies, nowMs),
    view.matching > view.proxies.length ? `${view.matching - view.proxies.length} more: --limit ${view.matching}` : '',
    ...view.proxies.flatMap((proxy) => proxy.refusals.filter(({ stands }) => stands).map(refusalText(proxy, nowMs))),
    identityLines(view, nowMs),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** One proxy with all that is known of it. */
export function describeProxy(view: FleetView, nowMs: number): string {
  return view.proxies.map((proxy) => proxyText(proxy, nowMs)).join('\n');
}

function fleetTable(fleets: readonly FleetSummary[]): string {
  const rows = fleets.map(({ fleet, proxies, states, revisions, versions }) => [
    fleet,
    proxies,
    ...PROXY_STATES.map((state) => states[state] ?? '-'),
    revisions
      .map(({ proxies: count, digest, commit, mark }) => `${count} ${revisionText(digest, commit, mark)}`)
      .join('\n'),
    versions.map(({ version, proxies: count }) => `${count} ${version === '' ? 'unknown' : version}`).join('\n'),
  ]);
  return plainTable(['fleet', 'proxies', ...PROXY_STATES, 'revisions', 'envoy'], rows);
}

function revisionText(digest: string | undefined, commit: string | undefined, mark: string | undefined): string {
  if (digest === undefined) return 'nothing yet';
  return `${shortDigest(digest)} ${commit === undefined ? 'gone' : `${shortCommit(commit)} ${mark}`}`;
}

function proxyTable(proxies: readonly ProxyView[], nowMs: number): string {
  const rows = proxies.map((proxy) => [
    proxy.node,
    proxy.fleet,
    proxy.version,
    stateText(proxy),
    proxy.acknowledged === undefined ? '-' : shortDigest(proxy.acknowledged),
    ageText(nowMs - proxy.connectedAtMs),
    proxy.pushed.responses,
  ]);
  return plainTable(['proxy', 'fleet', 'envoy', 'state', 'acknowledged', 'connected', 'pushes'], rows);
}

function stateText({ state, held, refusals }: ProxyView): string {
  if (held !== undefined) return held;
  const [standing] = refusals.filter(({ stands }) => stands);
  return standing === undefined ? state : `${state} ${standing.kind} ${standing.names.join(', ')}`.trimEnd();
}

function refusalText(proxy: ProxyView, nowMs: number): (refusal: RefusalView) => string {
  return ({ kind, names, message, atMs, places }) => {
    const where = places.length === 0 ? '' : `\n  --> ${places.join('\n  --> ')}`;
    const what = `${kind} ${names.join(', ')}`.trimEnd();
    return `${proxy.node} refused ${what} ${ageText(nowMs - atMs)} ago: ${message}${where}`;
  };
}

function identityLines({ refusedIdentities = [] }: FleetView, nowMs: number): string {
  const lines = refusedIdentities.map(
    ({ identity, cluster, node, count, lastAtMs }) =>
      `turned away: ${identity} as ${node} of ${cluster}, ${count} times, the last ${ageText(nowMs - lastAtMs)} ago`,
  );
  return lines.join('\n');
}

function proxyText(proxy: ProxyView, nowMs: number): string {
  const { responses, resources, bytes } = proxy.pushed;
  const facts: [string, string][] = [
    ['proxy', proxy.node],
    ['fleet', proxy.fleet],
    ['state', proxy.held ?? proxy.state],
    ['envoy', proxy.version === '' ? 'unknown' : proxy.version],
    ['from', proxy.peer],
    ['connected', `${new Date(proxy.connectedAtMs).toISOString()}, ${ageText(nowMs - proxy.connectedAtMs)} ago`],
    ['offered', proxy.offered ?? 'nothing'],
    ['acknowledged', proxy.acknowledged ?? 'nothing yet'],
    ['pushed', `${responses} responses, ${resources} resources, ${bytes} bytes`],
  ];
  const lines = facts.map(([name, text]) => `${name.padEnd(14)}${text}`);
  return `${[...lines, ...proxy.refusals.map(refusalText(proxy, nowMs))].join('\n')}\n`;
}

/**
 * What is new in the fleets since an earlier look, a line for each.
 * @param gone what has become of a proxy that is not among those that were asked for any more
 */
export function fleetChanges(gone: string): (view: FleetView, before: FleetView | undefined) => string[] {
  return (view, before) => {
    const isCut = view.matching > view.proxies.length;
    return changedFacts(factsOf(view), before === undefined ? [] : factsOf(before), isCut ? 'no longer shown' : gone);
  };
}

function factsOf({ proxies, refusedIdentities = [] }: FleetView): StandingFacts {
  const told = proxies.map((proxy): [string, string] => {
    const revision = proxy.acknowledged === undefined ? '' : `, has ${shortDigest(proxy.acknowledged)}`;
    const places = proxy.refusals.filter(({ stands }) => stands).flatMap((refusal) => refusal.places);
    const where = places.length === 0 ? '' : `, ${places.join(', ')}`;
    return [`proxy ${proxy.node} of ${proxy.fleet}`, `${stateText(proxy)}${revision}${where}`];
  });
  const turnedAway = refusedIdentities.map(({ identity, cluster }): [string, string] => [
    `turned away ${identity}`,
    `named itself into ${cluster}`,
  ]);
  return [...told, ...turnedAway];
}
