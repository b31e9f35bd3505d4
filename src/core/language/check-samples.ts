import { closestWord } from '../base/closest-word.ts';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { SAMPLE_NAMES } from '../ir/sample-names.ts';
import type { DocumentOf } from './document.ts';

type Case = NonNullable<DocumentOf<'Test'>['spec']['cases']>[number];

/** Anything that looks like a specimen is to be one: as plain text it would be found by no detector. */
const PLACEHOLDER = /\{\{\s*sample\b([^{}]*)\}\}/g;
const WRITTEN = /^ [a-z-]+$/;

/** Every `{{sample NAME}}` in the texts of a case must name a specimen. */
export function* checkSamples(document: DocumentOf<'Test'>, path: Path, item: Case): Generator<Diagnostic> {
  for (const [at, text] of textsOf(item)) {
    for (const [whole, rest = ''] of text.matchAll(PLACEHOLDER)) {
      const name = rest.trim();
      const known = SAMPLE_NAMES.some((one) => one === name);
      if (known && WRITTEN.test(rest) && whole.startsWith('{{sample')) continue;
      const near = known ? name : closestWord(name, SAMPLE_NAMES);
      const hint = near === undefined ? `use one of: ${SAMPLE_NAMES.join(', ')}` : `write {{sample ${near}}}`;
      yield diagnostic('HG3113', locate(document.source, [...path, ...at]), `unknown sample ${quoted(whole)}`, {
        hint,
      });
    }
  }
}

function textsOf({ request, answer, expect }: Case): (readonly [Path, string])[] {
  const listed = (at: Path, texts: readonly string[] = []) =>
    texts.map((text, index) => [[...at, index], text] as const);
  return [
    ...request.messages.map(({ content }, index) => [['request', 'messages', index, 'content'], content] as const),
    ...listed(['answer', 'chunks'], answer?.chunks),
    ...listed(['expect', 'neverSent'], expect.neverSent),
    ...listed(['expect', 'neverVisible'], expect.neverVisible),
    ...(expect.text === undefined ? [] : [[['expect', 'text'], expect.text] as const]),
  ];
}
