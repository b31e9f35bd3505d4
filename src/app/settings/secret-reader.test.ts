import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSecretReader } from './secret-reader.ts';
import { type FoundValue, findValue, type ValueSource } from './value-source.ts';

const hosts = ['a.example'];

describe('the values of secrets', () => {
  /** The values of reads in a row, and what was logged. `!` stands for a place that cannot be read. */
  function readAll(found: readonly string[]): { values: string[]; told: string[] } {
    const told: string[] = [];
    const left = [...found];
    const reader = createSecretReader(
      new Map([['k', { from: { kind: 'env', name: 'K' }, hosts }]]),
      { warn: (_fields: object, message?: string) => void told.push(message ?? '') },
      () => {
        const text = left.shift() ?? '';
        return text === '!' ? { kind: 'failed', code: 'EIO' } : { kind: 'value', text };
      },
    );
    return { values: found.map(() => reader.read().get('k') ?? 'none'), told };
  }
  const EMPTY = 'secret is empty: its value goes if it stays so';
  const FAILED = 'secret not readable, its value stays';

  test.each<[string, string[], string[], string[]]>([
    ['follow their places', ['one', 'two'], ['one', 'two'], []],
    ['are empty at once where they never were', ['', 'one'], ['', 'one'], []],
    ['stay for one empty read', ['one', '', 'two'], ['one', 'one', 'two'], [EMPTY]],
    ['go with the second in a row', ['one', '', '', ''], ['one', 'one', '', ''], [EMPTY]],
    ['stay while they cannot be read', ['one', '!', '!', '!', 'two'], ['one', 'one', 'one', 'one', 'two'], [FAILED]],
    [
      'stay where nothing can be read between two empty reads',
      ['one', '', '!', ''],
      ['one', 'one', 'one', 'one'],
      [EMPTY, FAILED, EMPTY],
    ],
    ['that could never be read are empty', ['!', 'one'], ['', 'one'], [FAILED]],
    ['that are revoked can come back', ['one', '', '', 'two'], ['one', 'one', '', 'two'], [EMPTY]],
  ])('%s', (_what, found, values, told) => {
    expect(readAll(found)).toEqual({ values, told });
  });

  test('are what the last read gave until the next', () => {
    const found = ['one', 'two'];
    const reader = createSecretReader(
      new Map([['k', { from: { kind: 'env', name: 'K' }, hosts }]]),
      { warn: () => undefined },
      () => ({ kind: 'value', text: found.shift() ?? '' }),
    );
    reader.read();
    expect([reader.values(), reader.values(), reader.read()]).toEqual([
      new Map([['k', 'one']]),
      new Map([['k', 'one']]),
      new Map([['k', 'two']]),
    ]);
  });
});

describe('the place of a secret', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headgate-secrets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test.each<[string, (at: string) => ValueSource, FoundValue]>([
    ['a file', (at) => ({ kind: 'file', path: join(at, 'key') }), { kind: 'value', text: 'one' }],
    ['no file', (at) => ({ kind: 'file', path: join(at, 'none') }), { kind: 'value', text: '' }],
    ['a folder', (at) => ({ kind: 'file', path: at }), { kind: 'failed', code: 'EISDIR' }],
    ['no variable', () => ({ kind: 'env', name: 'HEADGATE_TEST_NO_SUCH_NAME' }), { kind: 'value', text: '' }],
  ])('%s', (_what, from, found) => {
    writeFileSync(join(folder, 'key'), ' one\n');
    expect(findValue(from(folder))).toEqual(found);
  });
});
