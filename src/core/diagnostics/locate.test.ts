import { expect, test } from 'vitest';
import { Composer, LineCounter, Parser } from 'yaml';
import { locate, type Path, writtenAt, type YamlSource } from './locate.ts';
import { placeOf } from './place.ts';

const TEXT = `kind: Model
spec:
  context: 8192
  offers:
    - { name: own, price: { input: 1 } }
    - name: cloud
      price:
        input: 2
  1.10: odd
`;

function sourceOf(text: string): YamlSource {
  const lines = new LineCounter();
  const [document] = new Composer().compose(new Parser(lines.addNewLine).parse(text));
  if (document?.contents === undefined || document.contents === null) throw new Error('no document');
  return { file: 'm.yaml', text, root: placeOf(document.contents), lineStarts: lines.lineStarts };
}

test.each<[Path, 'value' | 'key', string, string]>([
  [['kind'], 'value', '1:7', 'Model'],
  [['spec', 'context'], 'value', '3:12', '8192'],
  [['spec', 'context'], 'key', '3:3', 'context'],
  [['spec'], 'value', '2:1', 'spec'],
  [['spec', 'offers', 0], 'value', '5:7', '{ name: own, price: { input: 1 } }'],
  [['spec', 'offers', 0, 'price', 'input'], 'value', '5:36', '1'],
  [['spec', 'offers', 1], 'value', '6:7', 'name: cloud'],
  [['spec', 'offers', 1, 'price', 'input'], 'value', '8:16', '2'],
  [['spec', '1.10'], 'value', '9:9', 'odd'],
  [['spec', 'missing'], 'value', '2:1', 'spec'],
  [['spec', 'offers', 1, 'missing'], 'value', '6:7', 'name: cloud'],
  [['spec', 'offers', 9], 'value', '4:3', 'offers'],
  [['metadata', 'name'], 'value', '1:1', 'kind: Model'],
])('the %j (%s) stands at %s', (path, at, place, text) => {
  const source = sourceOf(TEXT);
  const span = locate(source, path, at);
  expect([`${span.start.line}:${span.start.column}`, writtenAt(source, span)]).toEqual([place, text]);
});
