import { isDigit, isUpper, isWord } from './scanner.ts';

/** A credential that begins with fixed letters and goes on in one class of characters. */
export interface SecretForm {
  readonly rule: string;
  readonly prefixes: readonly string[];
  /** Whether a code unit may stand behind the prefix. */
  readonly isBody: (code: number) => boolean;
  /** Characters behind the prefix. */
  readonly bodyMin: number;
  /** A longer run is cut here; equal to `bodyMin` for a fixed length, which no letter or digit may follow. */
  readonly bodyMax: number;
}

const isBase32 = (code: number): boolean => isUpper(code) || (code >= 0x32 && code <= 0x37);
const isDashed = (code: number): boolean => isWord(code) || code === 0x2d;
const isScored = (code: number): boolean => isWord(code) || code === 0x5f;
export const isUrlSafe = (code: number): boolean => isDashed(code) || code === 0x5f;
const isHex = (code: number): boolean => isDigit(code) || (code >= 0x61 && code <= 0x66);

/** No issuer's token is longer, JWTs apart. */
const BODY_CHARS_MAX = 256;

/** Well-known forms, from their issuers' documentation. The prefixes are halves: no whole credential stands here. */
export const SECRET_FORMS: readonly SecretForm[] = [
  {
    rule: 'aws-access-key',
    prefixes: ['AKIA', 'ASIA', 'ABIA', 'ACCA'],
    isBody: isBase32,
    bodyMin: 16,
    bodyMax: 16,
  },
  open('github-token', ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], isWord, 36),
  open('github-token', ['github_pat_'], isScored, 60),
  open('gitlab-token', ['glpat-', 'gldt-', 'glrt-'], isUrlSafe, 20),
  open('openai-key', ['sk-'], isWord, 32),
  open('openai-key', ['sk-proj-', 'sk-svcacct-', 'sk-admin-'], isUrlSafe, 40),
  open('anthropic-key', ['sk-ant-'], isUrlSafe, 32),
  { rule: 'google-api-key', prefixes: ['AIza'], isBody: isUrlSafe, bodyMin: 35, bodyMax: 35 },
  open('slack-token', ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xapp-'], isDashed, 20),
  open('stripe-key', ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'], isWord, 16),
  { rule: 'huggingface-token', prefixes: ['hf_'], isBody: isWord, bodyMin: 34, bodyMax: 34 },
  { rule: 'npm-token', prefixes: ['npm_'], isBody: isWord, bodyMin: 36, bodyMax: 36 },
  { rule: 'digitalocean-token', prefixes: ['dop_v1_', 'doo_v1_'], isBody: isHex, bodyMin: 64, bodyMax: 64 },
];

function open(rule: string, prefixes: readonly string[], isBody: SecretForm['isBody'], bodyMin: number): SecretForm {
  return { rule, prefixes, isBody, bodyMin, bodyMax: BODY_CHARS_MAX };
}
