import type { Draft } from './draft.ts';
import { KNOWN_ACCOUNTS } from './known-accounts.ts';
import { child, type Place, type Source, textOf } from './source-place.ts';
import { addressedTarget, knownTarget, type Target, type UpstreamKey } from './upstream-target.ts';
import { upstreamUrl } from './upstream-url.ts';

/** Where a provider of agentgateway is, in the places that its two forms have for it. */
export interface AgentgatewayUpstream {
  /** `openAI`, `custom`, or the word of a preset. */
  readonly word: string;
  readonly base?: Place | undefined;
  /** A host that replaces the provider's: whether it speaks TLS is decided elsewhere. */
  readonly hostOverride?: Place | undefined;
  readonly key?: Place | undefined;
}

/** The target, or why there is none. */
export function agentgatewayTarget(source: Source, draft: Draft, upstream: AgentgatewayUpstream): Target | string {
  const word = upstream.word.toLowerCase();
  const key = keyOf(upstream.key);
  if (upstream.hostOverride !== undefined) return 'hostOverride does not say whether TLS is spoken: write a baseUrl';
  if (word !== 'custom' && !Object.hasOwn(KNOWN_ACCOUNTS, word))
    return `providers of the type ${upstream.word} are not built yet`;
  const base = textOf(upstream.base);
  if (base === undefined) return knownTarget(source, draft, word, key) ?? 'a custom provider without a baseUrl';
  const url = upstreamUrl(base);
  return url === undefined ? 'its baseUrl is no plain http or https address' : addressedTarget(source, draft, url, key);
}

/** A key is `$NAME` of the environment, the value itself, or a file. */
function keyOf(place: Place | undefined): UpstreamKey {
  const text = textOf(place);
  if (place === undefined) return { kind: 'none' };
  const name = /^\$\{?(\w+)\}?$/.exec(text ?? '')?.[1];
  return name === undefined ? { kind: 'clear', place } : { kind: 'variable', name, place };
}

/** The word for the provider, from a text or from a mapping with one key; with what stands below that key. */
export function providerWord(
  source: Source,
  place: Place | undefined,
  words: readonly string[],
): { word: string; below?: Place } | undefined {
  const text = textOf(place);
  if (text !== undefined) return { word: text };
  for (const word of words) {
    const below = child(source, place, word);
    if (below !== undefined) return { word, below };
  }
  return undefined;
}
