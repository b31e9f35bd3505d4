import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keepText, keptText } from './kept-texts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('kept texts', () => {
  test('come back under their key alone', () => {
    keepText(folder, 'one', 'first\nline');
    keepText(folder, 'two', '');
    expect(['one', 'two', 'three'].map((key) => keptText(folder, key))).toEqual(['first\nline', '', undefined]);
  });

  test('are replaced', () => {
    keepText(folder, 'one', 'old');
    keepText(folder, 'one', 'new');
    expect([keptText(folder, 'one'), readdirSync(folder).length]).toEqual(['new', 1]);
  });

  test.each<[string, (entry: string) => string]>([
    ['is empty', () => ''],
    ['is cut off', (entry) => entry.slice(0, -1)],
    ['was changed', (entry) => entry.replace('text', 'TEXT')],
    ['is something else', () => '{"a":1}\nwhatever'],
  ])('count as none where the entry %s', (_what, change) => {
    keepText(folder, 'one', 'a text');
    const path = join(folder, readdirSync(folder)[0] ?? '');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    expect(keptText(folder, 'one')).toBe(undefined);
  });

  test('that are too large are not kept', () => {
    keepText(folder, 'one', 'x'.repeat(4 * 1024 * 1024 + 1));
    expect(readdirSync(folder)).toEqual([]);
  });

  test('are forgotten, the oldest first, beyond 200', () => {
    keepText(folder, 'oldest', 'a');
    utimesSync(join(folder, readdirSync(folder)[0] ?? ''), 1, 1);
    for (let index = 0; index < 200; index += 1) keepText(folder, `${index}`, 'b');
    expect([readdirSync(folder).length, keptText(folder, 'oldest'), keptText(folder, '0')]).toEqual([
      200,
      undefined,
      'b',
    ]);
  });

  test('are not missed where the folder is no folder', () => {
    writeFileSync(join(folder, 'file'), '');
    keepText(join(folder, 'file'), 'one', 'a');
    expect(keptText(join(folder, 'file'), 'one')).toBe(undefined);
  });
});
