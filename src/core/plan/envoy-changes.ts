import { byCodeUnit } from '../base/text-order.ts';
import { compileFleet } from '../envoy/compile-fleet.ts';
import type { EnvoyResource } from '../envoy/resource.ts';
import type { Authorities } from '../envoy/upstream-tls.ts';
import type { Fleet } from '../ir/ir.ts';
import type { PlanSide } from './plan-side.ts';

/** What the proxies of one fleet are sent. */
export interface FleetChange {
  readonly fleet: string;
  readonly action: 'added' | 'changed' | 'removed';
  /** By type, sorted by its name. */
  readonly types: readonly TypeChange[];
  /** A listener changes or goes: its connections drain. Everything else leaves open streams alone. */
  readonly drains: boolean;
}

export interface TypeChange {
  /** As `Cluster`. */
  readonly type: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** Of the resources that are sent. */
  readonly bytes: number;
}

const LISTENER = 'Listener';

/** The fleets that are sent anything. Every revision stamps its digest into the routes, so a new one changes them. */
export function envoyChanges(base: PlanSide, head: PlanSide): FleetChange[] {
  const names = [...new Set([...base.ir.fleets, ...head.ir.fleets].map(({ name }) => name))].sort(byCodeUnit);
  return names.flatMap((name): FleetChange[] => {
    const [before, after] = [resourcesOf(base, name), resourcesOf(head, name)];
    const types = typeChanges(before ?? [], after ?? []);
    if (types.length === 0) return [];
    const drains = types.some(({ type, changed, removed }) => type === LISTENER && changed + removed > 0);
    return [{ fleet: name, action: actionOf(before, after), types, drains }];
  });
}

function actionOf(before: unknown, after: unknown): FleetChange['action'] {
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
}

function resourcesOf({ ir, loaded }: PlanSide, name: string): readonly EnvoyResource[] | undefined {
  const fleet = ir.fleets.find((item: Fleet) => item.name === name);
  if (fleet === undefined) return undefined;
  return compileFleet(ir, fleet, { revision: loaded.revision.digest, authorities: authoritiesOf(ir) }).resources;
}

/** The certificates of authorities are in the boot settings; a plan stands without them, and both sides alike. */
function authoritiesOf({ providers }: PlanSide['ir']): Authorities {
  const names = providers.flatMap(({ authority }) => authority ?? []);
  return { system: { path: '/' }, named: Object.fromEntries(names.map((name) => [name, { pem: name }])) };
}

function typeChanges(before: readonly EnvoyResource[], after: readonly EnvoyResource[]): TypeChange[] {
  const known = new Map(before.map((resource) => [keyOf(resource), resource]));
  const kept = new Set(after.map(keyOf));
  const types = new Map<string, { added: number; changed: number; removed: number; bytes: number }>();
  const count = (typeUrl: string, change: 'added' | 'changed' | 'removed', bytes: number) => {
    const type = typeUrl.slice(typeUrl.lastIndexOf('.') + 1);
    const counts = types.get(type) ?? { added: 0, changed: 0, removed: 0, bytes: 0 };
    counts[change] += 1;
    counts.bytes += bytes;
    types.set(type, counts);
  };
  for (const resource of after) {
    const old = known.get(keyOf(resource));
    if (old === undefined) count(resource.typeUrl, 'added', resource.bytes.length);
    else if (!sameBytes(old.bytes, resource.bytes)) count(resource.typeUrl, 'changed', resource.bytes.length);
  }
  for (const resource of before) if (!kept.has(keyOf(resource))) count(resource.typeUrl, 'removed', 0);
  return [...types]
    .map(([type, counts]) => ({ type, ...counts }))
    .sort((left, right) => byCodeUnit(left.type, right.type));
}

function keyOf({ typeUrl, name }: EnvoyResource): string {
  return `${typeUrl} ${name}`;
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
