import { present } from '../base/assert.ts';
import { durationMs } from '../base/duration.ts';
import { sizeBytes } from '../base/size.ts';
import type { Path } from '../diagnostics/locate.ts';
import type { Arm, RetryWord, Route, Tier } from '../ir/route.ts';
import { originOf } from './build-origin.ts';
import { type Askable, modelNamed } from './catalog.ts';
import type { DocumentOf } from './document.ts';
import { API_VERSION } from './kind.ts';
import { route } from './route.ts';
import { routeMatchOf, sortedNames } from './route-match-of.ts';

export function buildRoute(document: DocumentOf<'Route'>, askable: Askable): Route {
  const { require, targets } = document.spec;
  return {
    name: document.name,
    origin: originOf(document),
    match: routeMatchOf(document, { askable }),
    require: {
      ...(require.regions === undefined ? {} : { regions: sortedNames(require.regions) }),
      ...(require.retention === undefined ? {} : { retention: require.retention }),
    },
    tiers: targets.map((_, index) => buildTier(document, index, askable)),
    ...triesOf(document.spec),
  };
}

type Tries = Pick<Route, 'retry' | 'timeouts' | 'bodyBytesMax'>;

/** Retries, time-outs and the body limit of a route that says nothing of them. */
export function routeDefaults(): Tries {
  const least = { match: { models: ['*'], teams: ['*'] }, targets: [{}] };
  const written = { apiVersion: API_VERSION, kind: 'Route', metadata: { name: 'defaults' }, spec: least };
  return triesOf(route.schema.parse(written).spec);
}

function triesOf({ retry, timeouts, body }: Pick<DocumentOf<'Route'>['spec'], 'retry' | 'timeouts' | 'body'>): Tries {
  return {
    retry: { attempts: retry.attempts, on: retryWordsOf(retry.on) },
    timeouts: {
      headersMs: milliseconds(timeouts.headers),
      answerMs: milliseconds(timeouts.answer),
      idleMs: milliseconds(timeouts.idle),
      totalMs: milliseconds(timeouts.total),
    },
    bodyBytesMax: present(sizeBytes(body.max), 'size'),
  };
}

/** Retry words as they are written, where 429 may be a number; sorted, each once. */
export function retryWordsOf(written: readonly (string | number)[]): RetryWord[] {
  return sortedNames(written.map((word) => String(word) as RetryWord));
}

interface WrittenArm {
  readonly model?: string | undefined;
  readonly offers?: readonly string[] | undefined;
  readonly weight: number;
}

function buildTier(document: DocumentOf<'Route'>, index: number, askable: Askable): Tier {
  const path = ['spec', 'targets', index];
  const { split, model, offers, order, until } = present(document.spec.targets[index], 'tier');
  const arms = split?.map((arm, number) => buildArm(document, [...path, 'split', number], arm, askable));
  return {
    origin: originOf(document, path),
    arms: arms ?? [buildArm(document, path, { model, offers, weight: 1 }, askable)],
    order,
    ...(until === undefined ? {} : { untilWaitMs: milliseconds(until.wait) }),
  };
}

function buildArm(document: DocumentOf<'Route'>, path: Path, arm: WrittenArm, askable: Askable): Arm {
  return {
    origin: originOf(document, path),
    ...(arm.model === undefined ? {} : { model: modelNamed({ askable }, arm.model) }),
    ...(arm.offers === undefined ? {} : { offers: arm.offers }),
    weight: arm.weight,
  };
}

function milliseconds(text: string): number {
  return present(durationMs(text), 'duration');
}
