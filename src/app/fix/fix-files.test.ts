import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SourceFile } from '../../io/git/source-file.ts';
import { documentDiagnostics } from '../revision/compile-revision.ts';
import { fixFiles } from './fix-files.ts';

const ROOT = join(import.meta.dirname, '../../../examples/quickstart');
const quickstart: readonly SourceFile[] = readdirSync(ROOT, { recursive: true })
  .map(String)
  .filter((path) => path.endsWith('.yaml') && !path.startsWith('broken'))
  .map((path) => ({ path, blobId: '', bytes: new Uint8Array(readFileSync(join(ROOT, path))) }));

type Files = readonly SourceFile[];

function fixOnce(files: Files): Files {
  const diagnostics = documentDiagnostics({ commit: 'worktree', files, findings: [] });
  const fixed = new Map(fixFiles(files, diagnostics).map(({ path, bytes }) => [path, bytes]));
  return files.map((file) => ({ ...file, bytes: fixed.get(file.path) ?? file.bytes }));
}

/** What one slip of the hand does to a word. */
function slip(files: Files, place: number, kind: 'swap' | 'drop' | 'double'): Files {
  const words = files.flatMap((file, index) =>
    [...new TextDecoder().decode(file.bytes).matchAll(/[A-Za-z]{4,}/g)].map((match) => ({ index, at: match.index })),
  );
  const chosen = words[place % words.length];
  return files.map((file, index) => {
    if (chosen === undefined || index !== chosen.index) return file;
    const text = new TextDecoder().decode(file.bytes);
    const [a = '', b = ''] = text.slice(chosen.at + 1, chosen.at + 3);
    const written = { swap: b + a, drop: b, double: a + a + b }[kind];
    const slipped = text.slice(0, chosen.at + 1) + written + text.slice(chosen.at + 3);
    return { ...file, bytes: new TextEncoder().encode(slipped) };
  });
}

test('after a few rounds nothing is left to fix, and no round breaks what could be read', () => {
  const slips = fc.array(fc.tuple(fc.nat(), fc.constantFrom('swap', 'drop', 'double')), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(slips, (chosen) => {
      let files = chosen.reduce((tree, [place, kind]) => slip(tree, place, kind), quickstart);
      for (let round = 0; round < 4; round += 1) files = fixOnce(files);
      expect(fixOnce(files)).toEqual(files);
      const syntax = documentDiagnostics({ commit: 'worktree', files, findings: [] }).filter(
        ({ code }) => code < 'HG2',
      );
      expect(syntax).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('a slip in a key or a name is put right', () => {
  const text = (files: Files) => files.map(({ bytes }) => new TextDecoder().decode(bytes)).join('');
  const broken = quickstart.map((file) => {
    const slipped = new TextDecoder().decode(file.bytes).replace('upstreamModel:', 'upstreamMdoel:');
    return { ...file, bytes: new TextEncoder().encode(slipped) };
  });
  expect(text(broken)).not.toBe(text(quickstart));
  expect(text(fixOnce(broken))).toBe(text(quickstart));
});
