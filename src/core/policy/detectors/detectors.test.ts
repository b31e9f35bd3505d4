import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assert } from '../../base/assert.ts';
import { SAMPLE_NAMES } from '../../ir/sample-names.ts';
import { DETECTORS } from './detectors.ts';
import { sample, withSamples } from './samples.ts';
import type { Match, Scanner } from './scanner.ts';

const NAMES = Object.keys(DETECTORS) as (keyof typeof DETECTORS)[];

function whole(scan: Scanner, text: string): readonly Match[] {
  return scan(text, 0, true).matches;
}

/** The matches of a text that arrives in pieces. */
function grown(scan: Scanner, pieces: readonly string[]): readonly Match[] {
  const matches: Match[] = [];
  let text = '';
  let settled = 0;
  for (const [index, piece] of [...pieces, ''].entries()) {
    text += piece;
    const result = scan(text, settled, index === pieces.length);
    assert(result.settled >= settled, 'what is settled stays so');
    settled = result.settled;
    matches.push(...result.matches);
  }
  assert(settled === text.length, 'a complete text is settled');
  return matches;
}

function found(text: string): string[] {
  return NAMES.flatMap((name) =>
    whole(DETECTORS[name].scan, text).map((m) => `${m.rule}:${text.slice(m.start, m.end)}`),
  );
}

test.each(SAMPLE_NAMES)('a specimen of %s is found, and nothing around it', (name) => {
  for (const seed of [0, 1, 2, 3]) {
    const specimen = sample(name, seed) ?? '';
    const expected = `${name}:${specimen}`;
    expect(found(`please use ${specimen} now`)).toEqual([expected]);
    expect(found(specimen)).toEqual([expected]);
    expect(found(`é😀"${specimen}"`)).toEqual([expected]);
  }
});

const AWS = sample('aws-access-key') ?? '';
const CARD = sample('card') ?? '';
const IBAN = sample('iban') ?? '';
const EMAIL = sample('email') ?? '';
const grouped = (digits: string, separator: string) => digits.replace(/(.{4})(?=.)/g, `$1${separator}`);

describe('what counts and what does not', () => {
  test.each([
    ['a key inside a longer word', `x${AWS}`, []],
    ['a key with one more letter', `${AWS}Z`, []],
    ['a key cut short', AWS.slice(0, -1), []],
    ['words that begin like keys', 'a task-force of sk-learn users, ghp_ and eyJ and AKIA, -----BEGIN here', []],
    ['a card in groups', `card ${grouped(CARD, ' ')}.`, [`card:${grouped(CARD, ' ')}`]],
    ['a card with dashes behind other digits', `12 ${grouped(CARD, '-')}`, [`card:${grouped(CARD, '-')}`]],
    ['a card with a wrong check digit', CARD.replace(/.$/, (digit) => String((Number(digit) + 1) % 10)), []],
    ['a card inside a longer number', `1234${CARD}`, []],
    ['a card inside a word', `id_${CARD}x`, []],
    ['digits that are no card', 'call 0049 30 1234567 at 12:30 on 2026-11-21', []],
    ['an account in groups', `${grouped(IBAN, ' ')},`, [`iban:${grouped(IBAN, ' ')}`]],
    ['an account with a wrong check', IBAN.replace('DE', 'DK'), []],
    ['an address at the end of a sentence', `write to ${EMAIL}.`, [`email:${EMAIL}`]],
    ['an address with a dash behind it', `${EMAIL}-`, [`email:${EMAIL}`]],
    ['no address', 'a@b @x.com me@ 5@5.5 x@localhost', []],
    ['two addresses', `${EMAIL},${EMAIL}`, [`email:${EMAIL}`, `email:${EMAIL}`]],
  ])('%s', (_what, text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  test('a private key without its last line reaches to the end', () => {
    const cut = (sample('private-key') ?? '').slice(0, -10);
    expect(found(cut)).toEqual([`private-key:${cut}`]);
  });

  test('placeholders become specimens, always the same ones', () => {
    expect(withSamples('use {{sample card}} or {{sample nothing}}')).toBe(`use ${CARD} or {{sample nothing}}`);
    expect(sample('nothing')).toBeUndefined();
    expect(sample('constructor')).toBeUndefined();
  });
});

/** Texts in which specimens, halves of them, and the characters that matter to detectors follow each other at random. */
const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...SAMPLE_NAMES.map((name) => sample(name) ?? '')),
      fc
        .tuple(fc.constantFrom(...SAMPLE_NAMES), fc.nat(40))
        .map(([name, length]) => sample(name)?.slice(0, length) ?? ''),
      fc.constantFrom(
        ' ',
        '-',
        '.',
        '@',
        '_',
        ' ',
        '4',
        '4111',
        'DE',
        'é',
        '😀',
        'sk-',
        'eyJ',
        '\n',
        'a.b',
        'AKIA',
        '-----',
      ),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));

describe.each(NAMES)('the %s detector', (name) => {
  const { scan } = DETECTORS[name];

  test('finds the same however the text arrives', () => {
    fc.assert(
      fc.property(hostileText, fc.array(fc.nat(300), { maxLength: 8 }), (text, cuts) => {
        const borders = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
        const pieces = borders.slice(1).map((end, index) => text.slice(borders[index], end));
        expect(grown(scan, pieces)).toEqual(whole(scan, text));
        expect(grown(scan, [...text])).toEqual(whole(scan, text));
      }),
      { numRuns: 300 },
    );
  });

  test('needs no text before the last character that is settled', () => {
    fc.assert(
      fc.property(hostileText, fc.nat(300), (text, cut) => {
        const head = text.slice(0, cut);
        const { matches, settled } = scan(head, 0, false);
        const context = Math.max(0, settled - 1);
        const rest = scan(text.slice(context), settled - context, true).matches;
        const moved = rest.map((match) => ({ ...match, start: match.start + context, end: match.end + context }));
        expect([...matches, ...moved]).toEqual(whole(scan, text));
      }),
      { numRuns: 300 },
    );
  });
});
