import { RE2JS } from 're2js';
import type { Json } from '../../core/base/canonical-json.ts';
import type { XdsNode } from '../../core/xds/node.ts';
import type { NodeMatcher } from '../../gen/envoy/type/matcher/v3/node_pb.js';
import type { DoubleMatcher } from '../../gen/envoy/type/matcher/v3/number_pb.js';
import type { StringMatcher } from '../../gen/envoy/type/matcher/v3/string_pb.js';
import type { StructMatcher } from '../../gen/envoy/type/matcher/v3/struct_pb.js';
import type { ValueMatcher } from '../../gen/envoy/type/matcher/v3/value_pb.js';

/** Whether one of the matchers fits a node; without any, every node fits. Throws on a pattern that is no RE2. */
export function matchesNode(matchers: readonly NodeMatcher[], node: XdsNode): boolean {
  return matchers.length === 0 || matchers.some((matcher) => fits(matcher, node));
}

function fits({ nodeId, nodeMetadatas }: NodeMatcher, { id, metadata }: XdsNode): boolean {
  if (nodeId !== undefined && !fitsText(nodeId, id)) return false;
  return nodeMetadatas.every((matcher) => fitsStruct(matcher, metadata));
}

function fitsStruct({ path, value }: StructMatcher, metadata: XdsNode['metadata']): boolean {
  let found: Json | undefined = metadata as Json;
  for (const { segment } of path) {
    const isObject: boolean = typeof found === 'object' && found !== null && !Array.isArray(found);
    found = isObject && segment.case === 'key' ? (found as Record<string, Json>)[segment.value] : undefined;
  }
  return value !== undefined && fitsValue(value, found);
}

function fitsValue({ matchPattern }: ValueMatcher, found: Json | undefined): boolean {
  switch (matchPattern.case) {
    case 'nullMatch':
      return found === null;
    case 'doubleMatch':
      return typeof found === 'number' && fitsNumber(matchPattern.value, found);
    case 'stringMatch':
      return typeof found === 'string' && fitsText(matchPattern.value, found);
    case 'boolMatch':
      return found === matchPattern.value;
    case 'presentMatch':
      return matchPattern.value && found !== undefined;
    case 'listMatch': {
      const { matchPattern: list } = matchPattern.value;
      return list.case === 'oneOf' && Array.isArray(found) && found.some((item) => fitsValue(list.value, item));
    }
    case 'orMatch':
      return matchPattern.value.valueMatchers.some((matcher) => fitsValue(matcher, found));
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

function fitsText({ matchPattern, ignoreCase }: StringMatcher, text: string): boolean {
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
      return RE2JS.matches(matchPattern.value.regex, text);
    case undefined:
      return false;
  }
}
