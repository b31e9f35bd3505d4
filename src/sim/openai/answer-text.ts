import { hash32, seededRng } from '../../core/base/rng.ts';
import { splitTokens } from './tokens.ts';

/** What an answer will be, settled before its first token. */
export interface Answer {
  readonly tokens: readonly string[];
  /** `length` when the limit of tokens cut it. */
  readonly finish: 'stop' | 'length';
}

export interface AnswerRequest {
  readonly seed: number;
  /** The whole prompt: another prompt gives another answer. */
  readonly prompt: string;
  /** The last message of the user, where `reply: TEXT` makes TEXT the answer. */
  readonly lastUserText: string;
  /** Which of several choices. */
  readonly choice: number;
  readonly tokensMax: number;
  /** vLLM's `ignore_eos`: the answer has exactly `tokensMax` tokens. */
  readonly ignoreEnd: boolean;
}

const COMMAND = 'reply: ';
const WORDS =
  'amber boat cedar dune ember fern grove haze iris jade kelp lark mist nest opal pine quay reed sand tide'.split(' ');
/** An answer left to itself has between 16 and 63 tokens. */
const NATURAL_TOKENS_MIN = 16;
const NATURAL_TOKENS_SPREAD = 48;

/** The answer that seed, prompt and choice determine: engines of one seed answer a request alike. */
export function answerText(request: AnswerRequest): Answer {
  const command = request.lastUserText.indexOf(COMMAND);
  if (command >= 0) return limited(request.lastUserText.slice(command + COMMAND.length), request.tokensMax);
  const seed = hash32(`${request.seed}:${request.choice}:${request.prompt}`);
  const natural = NATURAL_TOKENS_MIN + (seed % NATURAL_TOKENS_SPREAD);
  const wanted = request.ignoreEnd ? request.tokensMax : natural;
  return request.ignoreEnd
    ? { tokens: splitTokens(words(seed, wanted), wanted), finish: 'length' }
    : limited(words(seed, Math.min(wanted, request.tokensMax + 1)), request.tokensMax);
}

function limited(text: string, tokensMax: number): Answer {
  const tokens = splitTokens(text, tokensMax + 1);
  return tokens.length > tokensMax
    ? { tokens: tokens.slice(0, tokensMax), finish: 'length' }
    : { tokens, finish: 'stop' };
}

/** Words in plain ASCII, so that the text is exactly so many tokens. */
function words(seed: number, tokens: number): string {
  const rng = seededRng(seed);
  const parts: string[] = [];
  let units = 0;
  while (units < tokens * 4) {
    const word = WORDS[Math.floor(rng.next() * WORDS.length)] ?? '';
    parts.push(word);
    units += word.length + 1;
  }
  return parts
    .join(' ')
    .padEnd(tokens * 4, '.')
    .slice(0, tokens * 4);
}
