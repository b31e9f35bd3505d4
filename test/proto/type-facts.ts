import type { DescField, Registry } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';

/**
 * What a registry says about a message, an enum or a service, as one line per member: `4 repeated string names`.
 * Equal lines mean equal bytes on the wire and equal JSON.
 */
export function typeFacts(registry: Registry, typeName: string): string[] {
  const type = registry.get(typeName);
  switch (type?.kind) {
    case 'message':
      return type.fields.map(fieldFact);
    case 'enum':
      return type.values.map((value) => `${value.number} ${value.name}`);
    case 'service':
      return type.methods.map(
        (method) => `${method.name} ${method.methodKind} ${method.input.typeName} ${method.output.typeName}`,
      );
    default:
      return [];
  }
}

/** The members of a type that Envoy will take away, by name. */
export function deprecatedMembers(registry: Registry, typeName: string): string[] {
  const fields = registry.getMessage(typeName)?.fields ?? [];
  const members = [...fields, ...(registry.getEnum(typeName)?.values ?? [])];
  return members.filter((member) => member.proto.options?.deprecated === true).map((member) => member.name);
}

function fieldFact(field: DescField): string {
  const oneof = field.oneof === undefined ? '' : ` of ${field.oneof.name}`;
  const optional = field.proto.proto3Optional ? 'optional ' : '';
  return `${field.number} ${optional}${fieldType(field)} ${field.name} (${field.jsonName})${oneof}`;
}

function fieldType(field: DescField): string {
  const element = field.message?.typeName ?? field.enum?.typeName ?? ScalarType[field.scalar ?? 0];
  switch (field.fieldKind) {
    case 'list':
      return `repeated ${element}`;
    case 'map':
      return `map ${ScalarType[field.mapKey]} ${element}`;
    case 'message':
    case 'enum':
    case 'scalar':
      return `${element}`;
  }
}
