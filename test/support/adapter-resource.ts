import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';

/** In every resource of Envoy's API the name is field 1. */
const NAME_FIELD = 1;
/** No message of Envoy's API has it. */
const UNKNOWN_FIELD = 100_000;

/** The name that an encoded resource carries, empty where it carries none. */
export function nameIn(bytes: Uint8Array): string {
  const reader = new BinaryReader(bytes);
  let name = '';
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === NAME_FIELD && wireType === WireType.LengthDelimited) name = reader.string();
    else reader.skip(wireType, field);
  }
  return name;
}

/** An encoded resource with nothing but a name. */
export function namedOnly(name: string): Uint8Array {
  return new BinaryWriter().tag(NAME_FIELD, WireType.LengthDelimited).string(name).finish();
}

/**
 * The resource with other bytes: a field that means little is set to something that depends on `count`. Fields that come
 * later in a message win, so the rest is as it was.
 */
export function touched(typeUrl: string, bytes: Uint8Array, count: number): Uint8Array {
  return Buffer.concat([bytes, change(typeUrl, count)]);
}

function change(typeUrl: string, count: number): Uint8Array {
  switch (typeUrl) {
    // Cluster.alt_stat_name and Listener.stat_prefix
    case TYPE_URL.cluster:
    case TYPE_URL.listener:
      return text(28, `touched-${count}`);
    // RouteConfiguration.internal_only_headers
    case TYPE_URL.route:
      return text(3, `x-touched-${count}`);
    // ClusterLoadAssignment.policy.overprovisioning_factor
    case TYPE_URL.endpoints:
      return message(
        4,
        message(
          3,
          new BinaryWriter()
            .tag(1, WireType.Varint)
            .uint32(140 + count)
            .finish(),
        ),
      );
    default:
      return text(UNKNOWN_FIELD, `touched-${count}`);
  }
}

function text(field: number, value: string): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).string(value).finish();
}

function message(field: number, value: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(value).finish();
}
