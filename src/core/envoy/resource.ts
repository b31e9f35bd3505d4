import { type DescMessage, fromJson, type JsonValue, type MessageJsonType, toBinary } from '@bufbuild/protobuf';
import type { AnyJson } from '@bufbuild/protobuf/wkt';
import type { TypedExtensionConfigJson } from '../../gen/envoy/config/core/v3/extension_pb.js';
import { assert } from '../base/assert.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import type { Origin } from '../ir/origin.ts';
import { envoyRegistry } from './registry.ts';

/** One resource of a fleet, ready to be served. */
export interface EnvoyResource {
  readonly typeUrl: string;
  readonly name: string;
  /** The encoded message itself, not packed in an Any. Equal content gives equal bytes. */
  readonly bytes: Uint8Array;
  /** Where in the watched tree it comes from, nearest first: what a NACK of this resource points at. */
  readonly origins: readonly Origin[];
}

export function typeUrlOf(schema: DescMessage): string {
  return `type.googleapis.com/${schema.typeName}`;
}

/**
 * Encodes a resource that is written in protobuf's JSON form. Its name is the message's own: Envoy acknowledges a
 * resource under another name and never finds it again (envoy-1.40.md A8). The keys of all maps are sorted before.
 */
export function envoyResource<Desc extends DescMessage>(
  schema: Desc,
  json: MessageJsonType<Desc>,
  origins: readonly Origin[],
): EnvoyResource {
  const { name, clusterName } = json as { readonly name?: string; readonly clusterName?: string };
  const ownName = clusterName ?? name;
  assert(ownName !== undefined && ownName !== '', `a ${schema.typeName} without a name`);
  const sorted = JSON.parse(canonicalJson(json as Json)) as JsonValue;
  const message = fromJson(schema, sorted, { registry: envoyRegistry });
  return { typeUrl: typeUrlOf(schema), name: ownName, bytes: toBinary(schema, message), origins };
}

/** A message in the JSON form of google.protobuf.Any. */
export function packed<Desc extends DescMessage>(schema: Desc, json: MessageJsonType<Desc>): AnyJson {
  return { '@type': typeUrlOf(schema), ...(json as object) };
}

/** A named extension: a filter, a load-balancing policy, an access log and the like all have this form. */
export function extension<Desc extends DescMessage>(
  name: string,
  schema: Desc,
  json: MessageJsonType<Desc>,
): Required<TypedExtensionConfigJson> {
  return { name, typedConfig: packed(schema, json) };
}

/** A duration in protobuf's JSON form. */
export function seconds(durationMs: number): `${number}s` {
  return `${durationMs / 1_000}s`;
}
