import type { Draft } from './draft.ts';
import type { Manifest, Manifests } from './envoy-manifests.ts';
import { at, child, items, leaveOut, numberOf, type Place, passOver, type Source, textOf } from './source-place.ts';
import { addressedTarget, type Target, type UpstreamKey } from './upstream-target.ts';
import { upstreamUrl } from './upstream-url.ts';

const HTTPS_PORT = 443;

/** Where a `backendRefs` entry leads, or why that has no counterpart. */
export function backendTarget(source: Source, draft: Draft, manifests: Manifests, reference: Place): Target | string {
  const kind = textOf(child(source, reference, 'kind')) ?? 'AIServiceBackend';
  child(source, reference, 'group');
  const name = textOf(child(source, reference, 'name'));
  if (kind !== 'AIServiceBackend') return `backends of the kind ${kind} are not built yet`;
  const service = manifests.named('AIServiceBackend', name);
  if (service === undefined) return 'its AIServiceBackend is not in the file';
  const schema = textOf(at(source, service.spec, 'schema', 'name'));
  if (schema !== 'OpenAI') return `providers with the schema ${schema} are not built yet`;
  const key = keyOf(source, manifests, service);
  if (typeof key === 'string') return key;
  const base = baseOf(source, manifests, service);
  const url = base === undefined ? undefined : upstreamUrl(base);
  return url === undefined
    ? 'its Backend is not in the file, or has no single address'
    : addressedTarget(source, draft, url, key);
}

/** The address of the Backend behind the service, with the prefix of its API. */
function baseOf(source: Source, manifests: Manifests, service: Manifest): string | undefined {
  const reference = child(source, service.spec, 'backendRef');
  for (const key of ['group', 'kind', 'namespace', 'port']) child(source, reference, key);
  const backend = manifests.named('Backend', textOf(child(source, reference, 'name')));
  const [endpoint, ...more] = items(source, child(source, backend?.spec, 'endpoints'));
  if (backend === undefined || more.length > 0) return undefined;
  const fqdn = child(source, endpoint, 'fqdn');
  const ip = child(source, endpoint, 'ip');
  const host = textOf(child(source, fqdn, 'hostname')) ?? textOf(child(source, ip, 'address'));
  const port = numberOf(child(source, fqdn, 'port')) ?? numberOf(child(source, ip, 'port'));
  const policies = manifests.targeting('BackendTLSPolicy', backend.name);
  for (const policy of policies) passOver(source, child(source, policy.spec, 'validation'));
  const schema = child(source, service.spec, 'schema');
  const prefix = textOf(child(source, schema, 'prefix')) ?? textOf(child(source, schema, 'version')) ?? 'v1';
  const secure = policies.length > 0 || port === HTTPS_PORT;
  if (host === undefined || port === undefined) return undefined;
  return `${secure ? 'https' : 'http'}://${host}:${port}/${prefix.replace(/^\/+/, '')}`;
}

/** The key that a BackendSecurityPolicy gives to the service; a text where it signs in another way. */
function keyOf(source: Source, manifests: Manifests, service: Manifest): UpstreamKey | string {
  const former = textOf(at(source, service.spec, 'backendSecurityPolicyRef', 'name'));
  for (const word of ['kind', 'group']) at(source, service.spec, 'backendSecurityPolicyRef', word);
  const policy =
    manifests.targeting('BackendSecurityPolicy', service.name)[0] ?? manifests.named('BackendSecurityPolicy', former);
  if (policy === undefined) return { kind: 'none' };
  const type = textOf(child(source, policy.spec, 'type'));
  if (type !== 'APIKey') {
    leaveOut(source, policy.spec, `signing in by ${type} is not built yet`);
    return `signing in by ${type} is not built yet`;
  }
  const place = at(source, policy.spec, 'apiKey', 'secretRef', 'name');
  at(source, policy.spec, 'apiKey', 'secretRef', 'namespace');
  const name = textOf(place);
  if (place === undefined || name === undefined) return { kind: 'none' };
  return { kind: 'variable', name: name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_'), place };
}
