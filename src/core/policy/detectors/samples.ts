import { hash32, type Rng, seededRng } from '../../base/rng.ts';
import type { SampleName } from '../../ir/sample-names.ts';
import { luhnSum } from './card.ts';
import { remainder97 } from './iban.ts';

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LETTERS = UPPER + UPPER.toLowerCase();
const DIGITS = '0123456789';
const WORD = LETTERS + DIGITS;

type Maker = (rng: Rng) => string;

/** By the name that stands in a test's text: `{{sample aws-access-key}}`. */
const MAKERS: Readonly<Record<SampleName, Maker>> = {
  'aws-access-key': (rng) => `AKIA${text(rng, 16, `${UPPER}234567`)}`,
  'github-token': (rng) => `ghp_${text(rng, 36, WORD)}`,
  'gitlab-token': (rng) => `glpat-${text(rng, 20, WORD)}`,
  'openai-key': (rng) => `sk-proj-${text(rng, 48, WORD)}`,
  'anthropic-key': (rng) => `sk-ant-${text(rng, 48, WORD)}`,
  'google-api-key': (rng) => `AIza${text(rng, 35, WORD)}`,
  'slack-token': (rng) => `xoxb-${text(rng, 24, DIGITS)}`,
  'stripe-key': (rng) => `sk_live_${text(rng, 24, WORD)}`,
  'huggingface-token': (rng) => `hf_${text(rng, 34, WORD)}`,
  'npm-token': (rng) => `npm_${text(rng, 36, WORD)}`,
  'digitalocean-token': (rng) => `dop_v1_${text(rng, 64, '0123456789abcdef')}`,
  jwt: (rng) => `eyJ${text(rng, 20, WORD)}.eyJ${text(rng, 40, WORD)}.${text(rng, 43, WORD)}`,
  'private-key': (rng) => `-----BEGIN PRIVATE KEY-----\n${text(rng, 64, WORD)}\n-----END PRIVATE KEY-----`,
  card: (rng) => withCheckDigit(`4${text(rng, 14, DIGITS)}`),
  iban: (rng) => withCheckDigits('DE', text(rng, 18, DIGITS)),
  email: (rng) => `${text(rng, 8, LETTERS.toLowerCase())}@example.com`,
};

/**
 * A specimen of the named thing: well formed, so that detectors find it, and worthless. The same name and seed give the
 * same specimen; undefined for a name that is not in SAMPLE_NAMES.
 */
export function sample(name: string, seed = 0): string | undefined {
  return isSampleName(name) ? MAKERS[name](seededRng(hash32(name) ^ seed)) : undefined;
}

function isSampleName(name: string): name is SampleName {
  return Object.hasOwn(MAKERS, name);
}

const PLACEHOLDER = /\{\{sample ([a-z-]+)\}\}/g;

/** The text with a specimen in place of every `{{sample NAME}}`; names that are not known stay as they are. */
export function withSamples(template: string): string {
  return template.replace(PLACEHOLDER, (whole, name: string) => sample(name) ?? whole);
}

function text(rng: Rng, length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[Math.floor(rng.next() * alphabet.length)]).join('');
}

function withCheckDigit(digits: string): string {
  return digits + String((10 - (luhnSum(`${digits}0`) % 10)) % 10);
}

function withCheckDigits(country: string, account: string): string {
  const check = 98 - remainder97(`${country}00${account}`);
  return `${country}${String(check).padStart(2, '0')}${account}`;
}
