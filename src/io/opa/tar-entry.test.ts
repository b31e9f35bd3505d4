import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { tarEntry } from './tar-entry.ts';

function entry(name: string, content: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(content.length.toString(8).padStart(11, '0'), 124);
  const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
  body.write(content);
  return Buffer.concat([header, body]);
}

const ARCHIVE = gzipSync(
  Buffer.concat([entry('/a', ''), entry('/data.json', '{}'), entry('/b', 'x'.repeat(600)), Buffer.alloc(1024)]),
);

test.each([
  ['/a', ''],
  ['/data.json', '{}'],
  ['/b', 'x'.repeat(600)],
  ['/c', undefined],
])('the file %s', (name, content) => {
  const found = tarEntry(ARCHIVE, name);
  expect(found && Buffer.from(found).toString()).toBe(content);
});
