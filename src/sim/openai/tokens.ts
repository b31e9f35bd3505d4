/** A simulated token is four UTF-16 code units: near what tokenizers give for English, and free to compute. */
const TOKEN_UNITS = 4;

/** How many tokens the text is. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / TOKEN_UNITS);
}

/** The text as the tokens that an engine would emit, at most `tokensMax`; no surrogate pair is ever split. */
export function splitTokens(text: string, tokensMax: number): string[] {
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length && pieces.length < tokensMax) {
    const end = start + TOKEN_UNITS;
    const last = text.charCodeAt(end - 1);
    const splitsPair = last >= 0xd800 && last <= 0xdbff;
    const next = splitsPair ? end + 1 : end;
    pieces.push(text.slice(start, next));
    start = next;
  }
  return pieces;
}

/** The text cut into blocks of so many tokens; what does not fill a last block is left out. */
export function* fullBlocks(text: string, blockTokens: number): Generator<string> {
  const units = blockTokens * TOKEN_UNITS;
  for (let end = units; end <= text.length; end += units) yield text.slice(end - units, end);
}
