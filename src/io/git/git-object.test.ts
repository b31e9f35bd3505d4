import { expect, test } from 'vitest';
import { parseCommit, parseTree } from './git-object.ts';

const ID = 'ab'.repeat(20);
const entry = (head: string | Buffer) => Buffer.concat([Buffer.from(head), Buffer.from([0]), Buffer.from(ID, 'hex')]);

test('a tree is its entries; a name that is no UTF-8 has none', () => {
  const bytes = Buffer.concat([
    entry('100644 a b.yaml'),
    entry('40000 models'),
    entry(Buffer.concat([Buffer.from('100755 '), Buffer.from([0xff])])),
  ]);
  expect(parseTree(bytes)).toEqual([
    { mode: '100644', name: 'a b.yaml', id: ID },
    { mode: '40000', name: 'models', id: ID },
    { mode: '100755', name: undefined, id: ID },
  ]);
  expect(parseTree(Buffer.alloc(0))).toEqual([]);
});

test('what is cut short is no tree', () => {
  const bytes = entry('100644 a.yaml');
  const cuts = Array.from({ length: bytes.length - 1 }, (_, index) => parseTree(bytes.subarray(0, index + 1)));
  expect(cuts).toEqual(cuts.map(() => undefined));
});

test('a commit is its head and the first line of its message', () => {
  const text = (parts: string[]) => Buffer.from(parts.join('\n'));
  const head = [`tree ${ID}`, `parent ${ID}`, `parent ${ID}`, 'author Ada L <ada@example.com> 1700000000 +0100'];
  const commit = { tree: ID, parents: [ID, ID], author: 'Ada L', email: 'ada@example.com', authoredAt: 1.7e12 };
  expect(parseCommit(text([...head, 'committer B <b@example.com> 1 +0000', '', 'subject', '', 'body']))).toEqual({
    ...commit,
    subject: 'subject',
  });
  expect(parseCommit(text([...head, '']))).toEqual({ ...commit, subject: '' });
  expect(parseCommit(text([`tree ${ID}`, 'author  <> 0 +0000', '', '']))).toEqual({
    tree: ID,
    parents: [],
    author: '',
    email: '',
    authoredAt: 0,
    subject: '',
  });
  expect(parseCommit(text(['no commit']))).toBeUndefined();
});
