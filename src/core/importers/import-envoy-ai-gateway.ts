import type { Draft } from './draft.ts';
import { readAiGatewayRoute } from './envoy-ai-gateway-route.ts';
import { type Manifests, manifestsOf } from './envoy-manifests.ts';
import { type ImportResult, importText } from './import-result.ts';
import { child, items, leaveOut, numberOf, type Source } from './source-place.ts';

/**
 * Kubernetes manifests of Envoy AI Gateway: AIGatewayRoute, AIServiceBackend, BackendSecurityPolicy and Gateway, with
 * the Backend and BackendTLSPolicy of Envoy Gateway that they name. Other kinds have no counterpart.
 */
export function importEnvoyAiGateway(text: string): ImportResult {
  return importText(text, (source, draft) => {
    const manifests = manifestsOf(source);
    for (const route of manifests.of('AIGatewayRoute')) readAiGatewayRoute(source, draft, manifests, route);
    readGateways(source, draft, manifests);
  });
}

/** Each Gateway is a fleet. */
function readGateways(source: Source, draft: Draft, manifests: Manifests): void {
  for (const { name, spec } of manifests.of('Gateway')) {
    child(source, spec, 'gatewayClassName');
    const listeners = items(source, child(source, spec, 'listeners')).flatMap((listener, index) => {
      const port = numberOf(child(source, listener, 'port'));
      child(source, listener, 'name');
      child(source, listener, 'protocol');
      leaveOut(source, child(source, listener, 'tls'), 'TLS of listeners is not built yet');
      return port === undefined ? [] : [{ name: index === 0 ? 'api' : `api-${port}`, port }];
    });
    if (listeners.length > 0) draft.fleets.push({ name, listeners });
  }
}
