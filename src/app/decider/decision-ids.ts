import { randomFillSync } from 'node:crypto';

/** Ids of one time begin alike, so that an index over them grows at one place and not everywhere. */
const TIME_BYTES = 4;
/** Chance: whoever holds an id may ask for its record, and nobody guesses one. */
const CHANCE_BYTES = 8;
const ID_BYTES = TIME_BYTES + CHANCE_BYTES;
/** Chance is drawn for so many ids at a time: a draw costs more than the rest. */
const DRAWN_IDS = 256;

/** Gives a new decision id at each call: 16 characters of base64url. */
export function decisionIds(nowMs: () => number): () => string {
  const drawn = Buffer.alloc(ID_BYTES * DRAWN_IDS);
  let at = drawn.length;
  return () => {
    if (at === drawn.length) {
      randomFillSync(drawn);
      at = 0;
    }
    drawn.writeUInt32BE(Math.floor(nowMs() / 1_000), at);
    at += ID_BYTES;
    return drawn.toString('base64url', at - ID_BYTES, at);
  };
}
