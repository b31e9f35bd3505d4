import type { Origin } from '../ir/origin.ts';
import type { Route, RouteTimeouts } from '../ir/route.ts';

/** What a route has that says nothing of it. */
export type RouteDefaults = Pick<Route, 'retry' | 'timeouts' | 'bodyBytesMax'>;

interface ToldMutant {
  readonly what: string;
  readonly place: Origin;
  readonly changed: Route;
}

const WAITS = {
  headersMs: 'timeouts.headers',
  answerMs: 'timeouts.answer',
  idleMs: 'timeouts.idle',
  totalMs: 'timeouts.total',
} as const satisfies Record<keyof RouteTimeouts, string>;

/** Mistakes in what Envoy is told of tries, waits and bodies by a route, where the route does not leave it at the default. */
export function* toldMutants(route: Route, defaults: RouteDefaults): Generator<ToldMutant> {
  const { origin: place, retry, timeouts, bodyBytesMax } = route;
  if (retry.on.join() !== defaults.retry.on.join()) {
    for (const word of retry.on) {
      const on = retry.on.filter((other) => other !== word);
      yield { what: `retry.on "${word}" dropped`, place, changed: { ...route, retry: { ...retry, on } } };
    }
  }
  if (retry.attempts !== defaults.retry.attempts) {
    const { attempts } = defaults.retry;
    const what = `retry.attempts ${retry.attempts} turned into ${attempts}`;
    yield { what, place, changed: { ...route, retry: { ...retry, attempts } } };
  }
  for (const [key, name] of Object.entries(WAITS) as [keyof RouteTimeouts, string][]) {
    if (timeouts[key] === defaults.timeouts[key]) continue;
    const changed = { ...route, timeouts: { ...timeouts, [key]: defaults.timeouts[key] } };
    yield { what: `${name} dropped`, place, changed };
  }
  if (bodyBytesMax !== defaults.bodyBytesMax) {
    yield { what: 'body.max dropped', place, changed: { ...route, bodyBytesMax: defaults.bodyBytesMax } };
  }
}
