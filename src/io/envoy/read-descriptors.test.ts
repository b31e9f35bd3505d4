import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DescriptorReadError } from './elf-section.ts';
import { readDescriptors } from './read-descriptors.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-elf-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('readDescriptors', () => {
  test('finds the files between padding, whatever their order, and gives fields their JSON names', () => {
    const path = written(
      'good',
      elf('protodesc_cold', joined(Buffer.from('810000001000', 'hex'), USER, Buffer.alloc(5), BASE)),
    );
    const registry = readDescriptors(path);
    expect([...registry.files].map((file) => file.proto.name)).toEqual(['base.proto', 'user.proto']);
    expect(
      registry.getMessage('a.User')?.fields.map((field) => [field.number, field.jsonName, field.message?.typeName]),
    ).toEqual([[1, 'theBase', 'a.Base']]);
  });

  test.each([
    ['no such file', 'unreadable', undefined],
    ['text', 'not-elf64', Buffer.from('#!/bin/sh\n')],
    ['an ELF file of another program', 'no-section', elf('.rodata', Buffer.alloc(8))],
    ['a section without files', 'malformed', elf('protodesc_cold', Buffer.alloc(8))],
    ['a file that runs over the end', 'malformed', elf('protodesc_cold', Buffer.from(BASE.subarray(0, -3)))],
  ])('%s: %s', (name, code, bytes) => {
    const path = bytes === undefined ? join(folder, 'absent') : written(name.replaceAll(' ', '-'), bytes);
    expect(failureCode(path)).toBe(code);
  });
});

const BASE = Buffer.from(
  toBinary(
    FileDescriptorProtoSchema,
    create(FileDescriptorProtoSchema, {
      name: 'base.proto',
      package: 'a',
      syntax: 'proto3',
      messageType: [{ name: 'Base' }],
    }),
  ),
);
const USER = Buffer.from(
  toBinary(
    FileDescriptorProtoSchema,
    create(FileDescriptorProtoSchema, {
      name: 'user.proto',
      package: 'a',
      syntax: 'proto3',
      dependency: ['base.proto'],
      messageType: [
        { name: 'User', field: [{ name: 'the_base', number: 1, type: 11, label: 1, typeName: '.a.Base' }] },
      ],
    }),
  ),
);

function failureCode(path: string): string {
  try {
    readDescriptors(path);
    return 'none';
  } catch (error) {
    return error instanceof DescriptorReadError ? error.code : String(error);
  }
}

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function joined(...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(parts);
}

/** The smallest ELF file with one named section: header, section, section names, section table. */
function elf(name: string, section: Uint8Array): Buffer {
  const names = Buffer.from(`\0${name}\0`, 'latin1');
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeBigUInt64LE(BigInt(64 + section.length + names.length), 0x28);
  header.writeUInt16LE(64, 0x3a);
  header.writeUInt16LE(3, 0x3c);
  header.writeUInt16LE(2, 0x3e);
  const entry = (nameAt: number, at: number, bytes: number): Buffer => {
    const row = Buffer.alloc(64);
    row.writeUInt32LE(nameAt, 0);
    row.writeBigUInt64LE(BigInt(at), 0x18);
    row.writeBigUInt64LE(BigInt(bytes), 0x20);
    return row;
  };
  const table = [entry(0, 0, 0), entry(1, 64, section.length), entry(0, 64 + section.length, names.length)];
  return joined(header, section, names, ...table);
}
