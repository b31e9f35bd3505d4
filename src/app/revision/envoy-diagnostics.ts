import { accessSync, constants } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { type Diagnostic, diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { type BootstrapSettings, ENVOY_ARGUMENTS } from '../../core/envoy/bootstrap.ts';
import { compileFleet, type FleetResources } from '../../core/envoy/compile-fleet.ts';
import type { EnvoyResource } from '../../core/envoy/resource.ts';
import { isOf, staticBootstrap, staticListenerName } from '../../core/envoy/static-bootstrap.ts';
import type { Authorities, Authority } from '../../core/envoy/upstream-tls.ts';
import type { Ir } from '../../core/ir/ir.ts';
import type { Origin } from '../../core/ir/origin.ts';
import { validateBootstrap } from '../../io/envoy/validate-bootstrap.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import type { Bundle } from './bundle.ts';

/** A proxy that is never started: nothing listens at these places, and nobody calls them. */
const PROXY: BootstrapSettings = {
  nodeId: 'validate',
  cluster: 'validate',
  ports: {},
  admin: { host: '127.0.0.1', port: 0 },
  xds: { at: { host: '127.0.0.1', port: 18_000 } },
  extProc: { at: { host: '127.0.0.1', port: 18_001 } },
};

/**
 * What a real Envoy says of a compiled tree, all its fleets in one process: a refusal, at the lines from which the
 * refused resource comes. Where Envoy does not name the resource it is searched for with more processes. Without
 * settings every named authority is taken for one of the public ones. Throws EnvoyFailure.
 */
export async function envoyDiagnostics(
  { ir, digest }: Bundle,
  envoyPath: string,
  settings: BootSettings | undefined,
): Promise<Diagnostic[]> {
  const authorities = authoritiesFor(ir, settings);
  const fleets = ir.fleets.map((fleet) => compileFleet(ir, fleet, { revision: digest, authorities }));
  const ask = async (holds?: (resource: EnvoyResource) => boolean) =>
    await validateBootstrap(envoyPath, ENVOY_ARGUMENTS, staticBootstrap(PROXY, fleets, holds));
  const verdict = await ask();
  if (verdict.accepted) return [];
  const refuses = async (holds: (resource: EnvoyResource) => boolean) => !(await ask(holds)).accepted;
  const named = namedIn(verdict.message, fleets);
  const refused = named.length > 0 ? named : await searched(fleets, refuses);
  const places = refused.flatMap(({ origins: [first] }) => (first === undefined ? [] : [first]));
  const distinct = new Map(places.map((place) => [`${place.file}:${place.line}:${place.column}`, place]));
  const unknown = { file: '(compiled)', line: 1, column: 1 };
  return [...(distinct.size === 0 ? [unknown] : distinct.values())].map((place) => refusal(place, verdict.message));
}

function refusal({ file, line, column }: Origin, message: string): Diagnostic {
  const span = { file, start: { line, column }, end: { line, column: column + 1 } };
  return diagnostic('HG6001', span, `Envoy refused what this becomes: ${message}`);
}

function authoritiesFor(ir: Ir, settings: BootSettings | undefined): Authorities {
  const system = systemAuthority(settings?.trustedAuthoritiesFile);
  const wanted = ir.providers.flatMap(({ authority }) => (authority === undefined ? [] : [authority]));
  const named = wanted.map((name): [string, Authority] => {
    const pem = settings?.authorities.get(name);
    return [name, pem === undefined ? system : { pem }];
  });
  return { system, named: Object.fromEntries(named) };
}

/** The file that the settings name is one of the proxies' machines: where this one lacks it, any authority does. */
function systemAuthority(path: string | undefined): Authority {
  try {
    if (path !== undefined) {
      accessSync(path, constants.R_OK);
      return { path };
    }
  } catch {
    // Not here.
  }
  return { pem: rootCertificates[0] ?? '' };
}

/** The resources that a message of Envoy names: of names that hold one another the longest. */
function namedIn(message: string, fleets: readonly FleetResources[]): EnvoyResource[] {
  const known = fleets.flatMap(({ fleet, resources }) =>
    resources.map((resource) => ({
      resource,
      name: isOf('Listener', resource) ? staticListenerName(fleet, resource.name) : resource.name,
    })),
  );
  const hits = known.filter(({ name }) => message.includes(`'${name}'`) || message.includes(`"${name}"`));
  const longest = Math.max(0, ...hits.map(({ name }) => name.length));
  return hits.filter(({ name }) => name.length === longest).map(({ resource }) => resource);
}

/** One resource that is refused: a cluster by halving, else a listener with its routes beside all clusters. */
async function searched(
  fleets: readonly FleetResources[],
  refuses: (holds: (resource: EnvoyResource) => boolean) => Promise<boolean>,
): Promise<EnvoyResource[]> {
  const all = fleets.flatMap(({ resources }) => resources);
  const names = new Set(all.filter((resource) => isOf('Cluster', resource)).map(({ name }) => name));
  const isCluster = (resource: EnvoyResource) => isOf('Cluster', resource);
  if (!(await refuses(isCluster))) {
    for (const listener of all.filter((resource) => isOf('Listener', resource))) {
      if (await refuses((resource) => isCluster(resource) || resource === listener)) return [listener];
    }
    return [];
  }
  let suspects = [...names];
  while (suspects.length > 1) {
    const half = new Set(suspects.slice(0, suspects.length >> 1));
    const isThere = await refuses((resource) => isCluster(resource) && half.has(resource.name));
    suspects = suspects.filter((name) => half.has(name) === isThere);
  }
  return all.filter((resource) => isCluster(resource) && resource.name === suspects[0]).slice(0, 1);
}
