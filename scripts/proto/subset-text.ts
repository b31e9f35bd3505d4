import type { DescEnum, DescField, DescFile, DescMessage, DescService, FileRegistry } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { byCodeUnit, sortedBy } from '../../src/core/base/text-order.ts';

/** Full name of a message or service → the names of its fields or methods that we use. */
export type Selection = Readonly<Record<string, readonly string[]>>;

const BANNER =
  '// Printed by scripts/proto/print-subset.ts: names, numbers and types as an Envoy binary declares them.';
const WELL_KNOWN = 'google.protobuf.';

/** The selected part of `registry` as .proto files: path → text. Throws an Error that names the line of the selection at fault. */
export function subsetText(registry: FileRegistry, selection: Selection): Map<string, string> {
  const parts = new Map<DescFile, Part>();
  for (const [typeName, members] of Object.entries(selection)) place(parts, selectedType(registry, typeName, members));
  for (const [file, part] of parts) {
    for (const type of referencedTypes(part, selection)) {
      if (type.file !== file) part.imports.add(type.file.proto.name);
      if (type.kind === 'enum') partOf(parts, type.file).enums.add(type);
      else requireSelected(type, selection, file.proto.name);
    }
  }
  return new Map([...parts].map(([file, part]) => [file.proto.name, fileText(file, part, selection)]));
}

interface Part {
  readonly messages: DescMessage[];
  readonly enums: Set<DescEnum>;
  readonly services: DescService[];
  readonly imports: Set<string>;
}

function partOf(parts: Map<DescFile, Part>, file: DescFile): Part {
  const part = parts.get(file) ?? { messages: [], enums: new Set(), services: [], imports: new Set() };
  parts.set(file, part);
  return part;
}

function place(parts: Map<DescFile, Part>, type: DescMessage | DescService): void {
  const part = partOf(parts, type.file);
  if (type.kind === 'service') part.services.push(type);
  else part.messages.push(type);
}

function selectedType(registry: FileRegistry, typeName: string, members: readonly string[]): DescMessage | DescService {
  const type = registry.getMessage(typeName) ?? registry.getService(typeName);
  if (type === undefined) throw new Error(`${typeName}: the binary has no such message or service`);
  const known = (type.kind === 'message' ? type.fields : type.methods).map((member) => member.name);
  const unknown = members.find((member) => !known.includes(member));
  if (unknown !== undefined) throw new Error(`${typeName}: the binary has no ${unknown}`);
  return type;
}

function requireSelected(type: DescMessage, selection: Selection, path: string): void {
  if (type.typeName.startsWith(WELL_KNOWN) || selection[type.typeName] !== undefined) return;
  throw new Error(`${type.typeName} is used by ${path} but is not selected`);
}

function selectedFields(message: DescMessage, selection: Selection): DescField[] {
  return message.fields.filter((field) => selection[message.typeName]?.includes(field.name));
}

function referencedTypes(part: Part, selection: Selection): (DescMessage | DescEnum)[] {
  const fields = part.messages.flatMap((message) => selectedFields(message, selection));
  const methods = part.services.flatMap((service) =>
    service.methods.filter((m) => selection[service.typeName]?.includes(m.name)),
  );
  return [
    ...fields.flatMap((field) => ((field.message ?? field.enum) ? [field.message ?? field.enum] : [])),
    ...methods.flatMap((method) => [method.input, method.output]),
  ].filter((type): type is DescMessage | DescEnum => type !== undefined && type !== null);
}

function fileText(file: DescFile, part: Part, selection: Selection): string {
  const scope: Scope = { file, part, selection };
  const imports = [...part.imports].sort(byCodeUnit).map((path) => `import "${path}";`);
  const messages = sortedBy(
    part.messages.filter((message) => message.parent === undefined),
    (message) => message.name,
  );
  for (const message of part.messages) assertParent(message, selection);
  const enums = sortedBy(
    [...part.enums].filter((type) => type.parent === undefined),
    (type) => type.name,
  );
  const blocks = [
    ...part.services.map((service) => serviceText(scope, service)),
    ...messages.map((message) => messageText(scope, message)),
    ...enums.map((type) => enumText(type)),
  ];
  const head = [
    BANNER,
    'syntax = "proto3";',
    '',
    `package ${file.proto.package};`,
    ...(imports.length > 0 ? ['', ...imports] : []),
  ];
  return `${head.join('\n')}\n\n${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function assertParent(message: DescMessage, selection: Selection): void {
  if (message.parent !== undefined && selection[message.parent.typeName] === undefined) {
    throw new Error(`${message.typeName} is selected, its parent is not`);
  }
}

interface Scope {
  readonly file: DescFile;
  readonly part: Part;
  readonly selection: Selection;
}

function messageText(scope: Scope, message: DescMessage): string[] {
  const fields = selectedFields(message, scope.selection);
  const oneofs = new Set(fields.flatMap((field) => (field.oneof === undefined ? [] : [field.oneof])));
  const body = [
    ...sortedBy(
      scope.part.messages.filter((nested) => nested.parent === message),
      (nested) => nested.name,
    ).flatMap((nested) => messageText(scope, nested)),
    ...sortedBy(
      [...scope.part.enums].filter((nested) => nested.parent === message),
      (nested) => nested.name,
    ).flatMap(enumText),
    ...[...oneofs].flatMap((oneof) => [
      `oneof ${oneof.name} {`,
      ...fields.filter((field) => field.oneof === oneof).map((field) => `  ${fieldText(scope, field)}`),
      '}',
    ]),
    ...fields.filter((field) => field.oneof === undefined).map((field) => fieldText(scope, field)),
  ];
  if (body.length === 0) return [`message ${message.name} {}`];
  return [`message ${message.name} {`, ...body.map((line) => `  ${line}`), '}'];
}

function fieldText(scope: Scope, field: DescField): string {
  const presence = field.proto.proto3Optional ? 'optional ' : '';
  return `${presence}${typeText(scope, field)} ${field.name} = ${field.number};`;
}

function typeText(scope: Scope, field: DescField): string {
  const single = field.message ?? field.enum;
  const element =
    single === undefined ? ScalarType[field.scalar ?? ScalarType.STRING].toLowerCase() : reference(scope, single);
  switch (field.fieldKind) {
    case 'list':
      return `repeated ${element}`;
    case 'map':
      return `map<${ScalarType[field.mapKey].toLowerCase()}, ${element}>`;
    case 'message':
    case 'enum':
    case 'scalar':
      return element;
  }
}

function reference(scope: Scope, type: DescMessage | DescEnum): string {
  const prefix = `${scope.file.proto.package}.`;
  return type.file === scope.file || type.typeName.startsWith(prefix)
    ? type.typeName.slice(prefix.length)
    : type.typeName;
}

function enumText(type: DescEnum): string[] {
  // proto3 wants the value zero, deprecated or not.
  const values = type.values.filter((value) => value.number === 0 || value.proto.options?.deprecated !== true);
  return [`enum ${type.name} {`, ...values.map((value) => `  ${value.name} = ${value.number};`), '}'];
}

function serviceText(scope: Scope, service: DescService): string[] {
  const methods = service.methods.filter((method) => scope.selection[service.typeName]?.includes(method.name));
  return [
    `service ${service.name} {`,
    ...methods.map((method) => {
      const input = method.methodKind === 'bidi_streaming' || method.methodKind === 'client_streaming' ? 'stream ' : '';
      const output =
        method.methodKind === 'bidi_streaming' || method.methodKind === 'server_streaming' ? 'stream ' : '';
      return `  rpc ${method.name}(${input}${reference(scope, method.input)}) returns (${output}${reference(scope, method.output)});`;
    }),
    '}',
  ];
}
