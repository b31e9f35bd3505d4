import { describe, expect, test } from 'vitest';
import { renderJson } from '../diagnostics/render-json.ts';
import { renderText } from '../diagnostics/render-text.ts';
import type { CredentialScan } from './check-credentials.ts';
import { compileTree } from './compile-tree.ts';

/** Credentials of this test begin with `KEY-`; they may go on over lines. */
const scan: CredentialScan = (text) =>
  [...text.matchAll(/KEY-[A-Z\n ]*[A-Z]/g)].map(({ 0: found, index }) => ({
    rule: 'test-key',
    start: index,
    end: index + found.length,
  }));

const TEXT = `apiVersion: headgate.dev/v1
kind: Provider
metadata: { name: KEY-NAME }
spec:
  type: KEY-TYPE
  regoin: KEY-REGION
  authentication: |
    KEY-ONE
    TWO
  colour: red
---
apiVersion: headgate.dev/v1
kind: Team
metadata: { name: red }
spec: { models: [ KEY-NAMD, '*' ] }
---
apiVersion: headgate.dev/v1
kind: Route
metadata: { name: chat }
spec:
  targets:
    - order: |
        KEY-ORDER
`;

const { ir, diagnostics } = compileTree([{ path: 'a.yaml', text: TEXT }], undefined, scan);

describe('a credential', () => {
  test('is told by its form and place, and hides what else is wrong on its lines', () => {
    expect(ir).toBeUndefined();
    expect(diagnostics.map(({ code, span }) => [code, span.start.line, span.start.column, span.end.line])).toEqual([
      ['HG3218', 3, 19, 3],
      ['HG3218', 5, 9, 5],
      ['HG3218', 6, 11, 6],
      ['HG2004', 7, 19, 7],
      ['HG3218', 8, 5, 9],
      ['HG2002', 10, 3, 10],
      ['HG3218', 15, 19, 15],
      ['HG3218', 23, 9, 23],
    ]);
  });

  test('is in no output', () => {
    const output = renderText(diagnostics, { sourceText: () => TEXT }) + renderJson(diagnostics);
    expect(output.match(/KEY-|TWO/g)).toBeNull();
  });

  test('is looked for in policies, in their tests, and in no file that is left out', () => {
    const found = compileTree(
      [
        { path: '.headgateignore', text: 'vendor/\n' },
        { path: 'a.rego', text: 'package a\n# KEY-A' },
        { path: 'a_test.rego', text: 'package a_test\n# KEY-A' },
        { path: 'vendor/a.rego', text: 'package v\n# KEY-A' },
      ],
      undefined,
      scan,
    );
    expect(found.diagnostics.map(({ code, span }) => [code, span.file])).toEqual([
      ['HG3218', 'a.rego'],
      ['HG3218', 'a_test.rego'],
    ]);
  });
});
