import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CredentialScan } from '../../core/language/check-credentials.ts';
import { compileReadTree } from '../../core/language/compile-tree.ts';
import { readDocuments } from '../../core/language/read-documents.ts';
import { readAhead, readTree } from '../../core/language/read-tree.ts';
import { createTreeMemory } from '../../core/language/tree-memory.ts';
import { createKeptFiles } from './kept-files.ts';

const CREDENTIAL = '# not-a-real-one';

describe('files that an earlier process read', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'headgate-kept-files-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** One process: the paths whose text was searched for credentials, which is what is not kept. */
  function processed(contents: Readonly<Record<string, string>>, stamp = 'program 1') {
    const searched: string[] = [];
    const scan: CredentialScan = (text) => {
      searched.push(text);
      return text.includes(CREDENTIAL) ? [{ rule: 'a test', start: 0, end: CREDENTIAL.length }] : [];
    };
    const encoder = new TextEncoder();
    const files = Object.entries(contents).map(([path, text]) => ({
      path,
      blobId: Buffer.from(text).toString('hex'),
      bytes: encoder.encode(text),
    }));
    const memory = createTreeMemory();
    const tree = readTree(files, [], memory);
    const kept = createKeptFiles(folder, stamp);
    kept.restore(tree, files, scan);
    const { diagnostics } = compileReadTree(tree, { context: undefined, scan, nowMs: undefined, memory });
    kept.keep(tree, files, scan);
    return { searched, said: diagnostics.map(({ code, span }) => `${code} ${span.file}`) };
  }

  const TREE = { 'a.yaml': 'kind: Modell', 'b.yaml': 'apiVersion: headgate.dev/v1' };
  const SAID = ['HG2003 a.yaml', 'HG2003 b.yaml'];

  test('are not read again, and the same is said of them', () => {
    expect(processed(TREE)).toEqual({ searched: Object.values(TREE), said: SAID });
    expect(processed(TREE)).toEqual({ searched: [], said: SAID });
  });

  test('are read again where their content or their path is another one', () => {
    processed(TREE);
    const changed = { 'a.yaml': 'kind: Modelll', 'c.yaml': TREE['b.yaml'] };
    expect(processed(changed)).toEqual({ searched: Object.values(changed), said: ['HG2003 a.yaml', 'HG2003 c.yaml'] });
    expect(processed(TREE).searched).toEqual([]);
  });

  test('are read again where they hold a credential: it is not written anywhere', () => {
    const tree = { 'a.yaml': `${CREDENTIAL}\nkind: Modell` };
    processed(tree);
    expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual([]);
    expect(processed(tree).searched).toEqual(Object.values(tree));
  });

  test('are read again by another program', () => {
    processed(TREE);
    expect(processed(TREE, 'program 2').searched).toEqual(Object.values(TREE));
  });

  test('are read again where the folder was tampered with', () => {
    processed(TREE);
    for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'nothing\nof ours');
    expect(processed(TREE)).toEqual({ searched: Object.values(TREE), said: SAID });
  });

  test('are the same ones in two revisions that are read together', () => {
    processed(TREE);
    const kept = createKeptFiles(folder, 'program 1');
    const memory = createTreeMemory();
    const searched: string[] = [];
    const scan: CredentialScan = (text) => {
      searched.push(text);
      return [];
    };
    const encoder = new TextEncoder();
    const read = (contents: Readonly<Record<string, string>>) => {
      const files = Object.entries(contents).map(([path, text]) => ({
        path,
        blobId: Buffer.from(text).toString('hex'),
        bytes: encoder.encode(text),
      }));
      const tree = readTree(files, [], memory);
      kept.restore(tree, files, scan);
      return { tree, files };
    };
    const [base, head] = [read(TREE), read({ ...TREE, 'b.yaml': 'kind: Route' })];
    const [before, after] = [base, head].map(({ tree }) => readDocuments(tree.documents.slice(0, 1)).diagnostics[0]);
    expect(before).toMatchObject({ code: 'HG2003' });
    expect(after).toBe(before);
    for (const { tree, files } of [base, head]) {
      Array.from(readAhead(tree, scan));
      kept.keep(tree, files, scan);
    }
    expect(searched).toEqual(['kind: Route']);
    expect(processed({ ...TREE, 'c.yaml': 'kind: Route' }).searched).toEqual(['kind: Route']);
    expect(processed({ 'b.yaml': 'kind: Route' }).searched).toEqual([]);
  });
});
