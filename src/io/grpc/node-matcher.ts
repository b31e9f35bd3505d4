import { RE2JS } from 're2js';
import type { Json } from '../../core/base/canonical-json.ts';
import type { XdsNode } from '../../core/xds/node.ts';
import type { NodeMatcher } from '../../gen/envoy/type/matcher/v3/node_pb.js';
import type { DoubleMatcher } from '../../gen/envoy/type/matcher/v3/number_pb.js';
import type { StringMatcher } from '../../gen/envoy/type/matcher/v3/string_pb.js';
import type { StructMatcher } from '../../gen/envoy/type/matcher/v3/struct_pb.js';
import type { ValueMatcher } from '../../gen/envoy/type/matcher/v3/value_pb.js';

/** What all patterns of a question may be together, as text and as steps of RE2: each node is matched with them. */
const PATTERN_CHARACTERS_MAX = 500;
const PATTERN_STEPS_MAX = 500;

/**
 * Tells whether one of the matchers fits a node; without any, every node fits. What it gives throws on a pattern that is no
 * RE2, and on patterns that are too large.
 */
export function nodeMatcher(matchers: readonly NodeMatcher[]): (node: XdsNode) => boolean {
  const patterns = new Patterns();
  return (node) => matchers.length === 0 || matchers.some((matcher) => fits(matcher, node, patterns));
}

/** The patterns of one question, each compiled once. */
class Patterns {
  readonly #known = new Map<string, RE2JS>();
  #characters = 0;
  #steps = 0;

  matches(pattern: string, text: string): boolean {
    const known = this.#known.get(pattern) ?? this.#compile(pattern);
    return known.matches(text);
  }

  #compile(pattern: string): RE2JS {
    this.#characters += pattern.length;
    // A repetition is cheap to write and dear to compile.
    const isLarge = this.#characters > PATTERN_CHARACTERS_MAX || /\{[0-9,]{3}/.test(pattern);
    if (isLarge) throw new RangeError('the patterns are too large');
    const compiled = RE2JS.compile(pattern);
    this.#steps += compiled.programSize();
    if (this.#steps > PATTERN_STEPS_MAX) throw new RangeError('the patterns are too large');
    this.#known.set(pattern, compiled);
    return compiled;
  }
}

function fits({ nodeId, nodeMetadatas }: NodeMatcher, { id, metadata }: XdsNode, patterns: Patterns): boolean {
  if (nodeId !== undefined && !fitsText(nodeId, id, patterns)) return false;
  return nodeMetadatas.every((matcher) => fitsStruct(matcher, metadata, patterns));
}

function fitsStruct({ path, value }: StructMatcher, metadata: XdsNode['metadata'], patterns: Patterns): boolean {
  let found: Json | undefined = metadata as Json;
  for (const { segment } of path) {
    const isObject: boolean = typeof found === 'object' && found !== null && !Array.isArray(found);
    found = isObject && segment.case === 'key' ? (found as Record<string, Json>)[segment.value] : undefined;
  }
  return value !== undefined && fitsValue(value, found, patterns);
}

function fitsValue({ matchPattern }: ValueMatcher, found: Json | undefined, patterns: Patterns): boolean {
  switch (matchPattern.case) {
    case 'nullMatch':
      return found === null;
    case 'doubleMatch':
      return typeof found === 'number' && fitsNumber(matchPattern.value, found);
    case 'stringMatch':
      return typeof found === 'string' && fitsText(matchPattern.value, found, patterns);
    case 'boolMatch':
      return found === matchPattern.value;
    case 'presentMatch':
      return matchPattern.value && found !== undefined;
    case 'listMatch': {
      const { matchPattern: list } = matchPattern.value;
      return (
        list.case === 'oneOf' && Array.isArray(found) && found.some((item) => fitsValue(list.value, item, patterns))
      );
    }
    case 'orMatch':
      return matchPattern.value.valueMatchers.some((matcher) => fitsValue(matcher, found, patterns));
    case undefined:
      return false;
  }
}

function fitsNumber({ matchPattern }: DoubleMatcher, found: number): boolean {
  switch (matchPattern.case) {
    case 'exact':
      return found === matchPattern.value;
    case 'range':
      return found >= matchPattern.value.start && found < matchPattern.value.end;
    case undefined:
      return false;
  }
}

function fitsText({ matchPattern, ignoreCase }: StringMatcher, text: string, patterns: Patterns): boolean {
  const fold = (given: string) => (ignoreCase ? given.toLowerCase() : given);
  switch (matchPattern.case) {
    case 'exact':
      return fold(text) === fold(matchPattern.value);
    case 'prefix':
      return fold(text).startsWith(fold(matchPattern.value));
    case 'suffix':
      return fold(text).endsWith(fold(matchPattern.value));
    case 'contains':
      return fold(text).includes(fold(matchPattern.value));
    case 'safeRegex':
      return patterns.matches(matchPattern.value.regex, text);
    case undefined:
      return false;
  }
}
