import { expect, test } from 'vitest';
import { approversOf } from './code-owners.ts';

test.each<[what: string, text: string, path: string, owners: string[]]>([
  ['everything', '* @a', 'x/y.yaml', ['@a']],
  ['the last match', '* @a\n*.yaml @b @c', 'x/y.yaml', ['@b', '@c']],
  ['no owner takes away', '* @a\n/x/', 'x/y.yaml', []],
  ['a folder at the root', '/x/ @a', 'x/y/z.yaml', ['@a']],
  ['a folder anywhere', 'x/ @a', 'w/x/y.yaml', ['@a']],
  ['a folder at the root alone', '/x/ @a', 'w/x/y.yaml', []],
  ['the files of a folder alone', 'docs/* @a', 'docs/x/y.md', []],
  ['one file of a folder', 'docs/* @a', 'docs/y.md', ['@a']],
  ['any depth', 'x/**/z.yaml @a', 'x/1/2/z.yaml', ['@a']],
  ['any depth, none', 'x/**/z.yaml @a', 'x/z.yaml', ['@a']],
  ['below', '/x/** @a', 'x/1/2', ['@a']],
  ['one character', '?.yaml @a', 'x.yaml', ['@a']],
  ['a name is no expression', 'a.c @a', 'abc', []],
  ['comments', '# * @a\n* @b # all', 'x', ['@b']],
  ['a space', 'a\\ b @a', 'a b', ['@a']],
  ['sections', '* @a\n[Security] @s\n*.rego\n[Docs][2]\n*.md @d', 'x.rego', ['@a', '@s']],
])('%s', (_what, text, path, owners) => {
  expect(approversOf(text, [path])).toEqual({ owners, unowned: owners.length === 0 ? [path] : [] });
});
