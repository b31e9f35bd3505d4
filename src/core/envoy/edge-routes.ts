import type { RouteActionJson, RouteJson } from '../../gen/envoy/config/route/v3/route_components_pb.js';
import { RouteConfigurationSchema } from '../../gen/envoy/config/route/v3/route_pb.js';
import { PriorityGroupClusterSpecifierSchema } from '../../gen/envoy/extensions/router/cluster_specifiers/priority_group/v3/priority_group_pb.js';
import { present } from '../base/assert.ts';
import { byCodeUnit } from '../base/text-order.ts';
import type { Fleet, Ir } from '../ir/ir.ts';
import { attemptClass, type Route } from '../ir/route.ts';
import { CLIENT_DECISION_HEADER, HEADER, NAMESPACE } from '../ir/wire-names.ts';
import { CREDENTIAL_HEADERS } from './credential-headers.ts';
import { decideOnRoute } from './decide-filter.ts';
import { EDGE_ROUTES, NO_DECISION_CLUSTER, REFUSE_CLUSTER } from './names.ts';
import { type EnvoyResource, envoyResource, extension, seconds } from './resource.ts';
import { retryPolicy } from './retry-policy.ts';

/** The largest body that can be decided where no route says more: any decision needs room to be asked. */
const BODY_BYTES_DEFAULT = 1_048_576;

/** Room for the pauses between the attempts of a request. */
const BACK_OFF_SPARE_MS = 1_000;

/**
 * The routes of the outer side. A request comes in on the last one, which leads nowhere; only the header of a decision
 * leads to the others. So a request that was not decided ends as 503, whatever went wrong.
 */
export function edgeRoutes(ir: Ir, fleet: Fleet, revision: string): EnvoyResource {
  const decided = [...routesByClass(ir.routes)].sort(([left], [right]) => byCodeUnit(left, right));
  const json = {
    name: EDGE_ROUTES,
    // Attempt lists and the pre-decision route name clusters on purpose that may not be there.
    validateClusters: false,
    virtualHosts: [
      {
        name: 'all',
        domains: ['*'],
        routes: [
          ...decided.flatMap(([name, routes]) => [
            decidedRoute(name, routes, 'stream'),
            decidedRoute(name, routes, 'plain'),
          ]),
          preDecisionRoute(ir, fleet, revision),
        ],
      },
    ],
  };
  return envoyResource(RouteConfigurationSchema, json, [...ir.routes.map((route) => route.origin), fleet.origin]);
}

/** The largest body that any route takes: what Envoy buffers for a decision, and at the inner side. */
export function bodyBytesMax(ir: Ir): number {
  return Math.max(BODY_BYTES_DEFAULT, ...ir.routes.map((route) => route.bodyBytesMax));
}

function routesByClass(routes: readonly Route[]): Map<string, Route[]> {
  const classes = new Map<string, Route[]>();
  for (const route of routes) {
    const name = attemptClass(route);
    const sharing = classes.get(name);
    if (sharing === undefined) classes.set(name, [route]);
    else sharing.push(route);
  }
  return classes;
}

/**
 * The route of one class. A plain answer is silent until it is whole and a stream is not, so a stream has its own
 * variant, on which `idle` counts. The clock of an idle request also runs while attempts wait for headers, so it may
 * not be shorter than all of them together. (Envoy's per-try idle time-out is no way out: it goes quiet once the time
 * for a try is over, also when that try answers.)
 */
function decidedRoute(name: string, routes: readonly Route[], variant: 'stream' | 'plain'): RouteJson {
  const first = present(routes[0], 'a route of the class');
  const isStream = variant === 'stream';
  const tryMs = Math.max(...routes.map(({ timeouts }) => (isStream ? timeouts.headersMs : timeouts.answerMs)));
  const attemptsMs = Math.max(...routes.map(({ retry }) => retry.attempts)) * tryMs + BACK_OFF_SPARE_MS;
  const { idleMs, totalMs } = first.timeouts;
  const action: RouteActionJson = {
    timeout: seconds(totalMs),
    idleTimeout: seconds(isStream ? Math.max(idleMs, attemptsMs) : totalMs),
    inlineClusterSpecifierPlugin: { extension: attemptList() },
    retryPolicy: retryPolicy(first.retry.on, tryMs),
  };
  return {
    name: `decided-${name}-${variant}`,
    match: {
      prefix: '/',
      headers: [
        { name: HEADER.decision, presentMatch: true },
        { name: HEADER.attemptClass, stringMatch: { exact: name } },
        ...(isStream ? [{ name: HEADER.stream, stringMatch: { exact: '1' } }] : []),
      ],
    },
    // Here it sizes the buffer from which attempts are repeated.
    requestBodyBufferLimit: `${first.bodyBytesMax}`,
    requestHeadersToRemove: [
      ...[HEADER.decision, HEADER.attemptClass, HEADER.stream, 'x-forwarded-proto'],
      ...CREDENTIAL_HEADERS,
    ],
    // Usage cannot be read from a compressed answer.
    requestHeadersToAdd: [
      { header: { key: 'accept-encoding', value: 'identity' }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' },
    ],
    responseHeadersToAdd: [
      {
        header: { key: CLIENT_DECISION_HEADER, value: `%DYNAMIC_METADATA(${NAMESPACE.hop}:id)%` },
        appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD',
      },
    ],
    route: action,
  };
}

function attemptList() {
  return extension('attempts', PriorityGroupClusterSpecifierSchema, {
    overrideMetadataNamespace: NAMESPACE.groups,
    priorityGroups: [{ name: 'none', clusters: [{ clusterName: REFUSE_CLUSTER, weight: 1 }] }],
  });
}

/**
 * Where every request starts. It is a missing cluster and not a direct response, which would ignore the body limit.
 * Its per-route settings stay in force after the decision, so it must fail closed as soon as one answer may have to be
 * watched: a decider that dies between its reply and the answer's headers would let that answer out unwatched.
 */
function preDecisionRoute(ir: Ir, fleet: Fleet, revision: string): RouteJson {
  const watched = ir.guardrails.some(
    (guardrail) =>
      guardrail.stages.includes('response') && guardrail.mode === 'enforce' && guardrail.onError === 'deny',
  );
  return {
    name: 'undecided',
    match: { prefix: '/' },
    requestBodyBufferLimit: `${bodyBytesMax(ir)}`,
    route: { cluster: NO_DECISION_CLUSTER, clusterNotFoundResponseCode: 'SERVICE_UNAVAILABLE' },
    typedPerFilterConfig: decideOnRoute(revision, fleet.cluster, watched),
  };
}
