import { TYPE_URL } from './type-url.ts';

/** Longest rejection text that is kept, in characters: enough for the cause, too short for a configuration. */
export const NACK_TEXT_CHARACTERS_MAX = 2_048;

/**
 * What Envoy writes when it could build some resources and not others: it then applied the good ones, and the list
 * `name: cause, name: cause` follows.
 */
const PARTIAL = /Error adding\/updating (?:cluster|listener)\(s\) /;

/**
 * The mark that Envoy's protobuf library puts before the printed form of a message, which may hold whole resources. The
 * print ends with the text, or at a line that starts with a colon and tells the cause.
 */
const DUMP_MARK = /goo\.gle\/debug(?:str|proto|only)/;
const AFTER_DUMP = '\n: ';

/**
 * Which of the resources of a response the text names as the ones at fault. Empty where it names none: Envoy then
 * refused the response as a whole, without saying for which resource.
 */
export function namesAtFault(text: string, sent: readonly string[]): string[] {
  const partial = PARTIAL.exec(text);
  if (partial === null) return [];
  const list = text.slice(partial.index + partial[0].length);
  return sent.filter((name) => list.startsWith(`${name}: `) || /[,\n] ?$/.test(before(list, `${name}: `)));
}

/**
 * A rejection text that is safe to store and show: without printed resources, without anything about secrets, and of
 * bounded length. The texts carry a random mark, so they are never compared.
 */
export function safeNackText(text: string, typeUrl: string): string {
  if (typeUrl === TYPE_URL.secret) return 'the proxy refused a secret (its text is withheld)';
  const [start = '', ...dumps] = text.split(DUMP_MARK);
  const line = [start, ...dumps.map(afterDump)].join('').replace(/\s+/g, ' ').trim();
  return line.length <= NACK_TEXT_CHARACTERS_MAX ? line : `${line.slice(0, NACK_TEXT_CHARACTERS_MAX - 3)}...`;
}

function before(list: string, mark: string): string {
  const at = list.indexOf(mark);
  return at < 0 ? '' : list.slice(0, at);
}

function afterDump(text: string): string {
  const end = text.lastIndexOf(AFTER_DUMP);
  return end < 0 ? '' : text.slice(end + AFTER_DUMP.length);
}
