import type { Allowed } from '../decide/decide.ts';
import { HEADER, NAMESPACE } from '../ir/wire-names.ts';
import { type HeaderList, headerValue } from './header-list.ts';
import type { BodyReply, Struct } from './messages.ts';
import { withheldFromUpstreams } from './passing-headers.ts';

/**
 * The decision as Envoy takes it (envoy-shape.md, 4): the header that alone leads to a decided route, the number and
 * length of the tries, the attempt list with the engines' addresses, and for each hop that needs another body than the
 * first one, its model. Of the request itself go on: its path without the query, and the headers that upstreams may see.
 */
export function allowReply(
  id: string,
  decision: Allowed,
  { path, headers }: { readonly path: string; readonly headers: HeaderList },
): BodyReply {
  const setHeaders: [string, string][] = [
    [HEADER.decision, id],
    [HEADER.attemptClass, decision.route.attemptClass],
    ['x-envoy-max-retries', String(decision.attempts.length - 1)],
    ['x-envoy-upstream-rq-per-try-timeout-ms', String(decision.perTryTimeoutMs)],
  ];
  if (decision.stream) setHeaders.push([HEADER.stream, '1']);
  if (headerValue(headers, ':path') !== path) setHeaders.push([':path', path]);
  const { body } = decision;
  if (body !== undefined) setHeaders.push(['content-length', String(body.length)]);
  return {
    kind: 'request-body',
    clearRouteCache: true,
    setHeaders,
    removeHeaders: withheldFromUpstreams(headers),
    ...(body === undefined ? {} : { body: { kind: 'replace', bytes: body } }),
    dynamicMetadata: metadataOf(id, decision),
  };
}

function metadataOf(id: string, decision: Allowed): Record<string, Struct> {
  const groups = decision.attempts.map((attempt, index) => ({
    name: `attempt-${index + 1}`,
    clusters: [{ cluster_name: attempt.cluster, weight: 1 }],
  }));
  // One list for all pools of the request: Envoy reads it once and walks on over attempts and clusters.
  const hosts = decision.attempts.flatMap((attempt) => (attempt.address === undefined ? [] : [attempt.address]));
  const hop: Record<string, string> = { id };
  for (const attempt of decision.attempts) {
    if (attempt.address === undefined && attempt.upstreamModel !== decision.bodyModel) {
      hop[attempt.cluster] = JSON.stringify({ model: attempt.upstreamModel });
    }
  }
  return {
    [NAMESPACE.groups]: { priority_groups: groups },
    ...(hosts.length === 0 ? {} : { [NAMESPACE.hosts]: { hosts: hosts.join(',') } }),
    [NAMESPACE.hop]: hop,
  };
}
