import { TYPE_URL } from './type-url.ts';

/** Longest rejection text that is kept, in characters: enough for the cause, too short for a configuration. */
export const NACK_TEXT_CHARACTERS_MAX = 2_048;

/**
 * What Envoy writes when it could build some resources and not others: it then applied the good ones, and the list
 * `name: cause, name: cause` follows.
 */
const PARTIAL = /Error adding\/updating (?:cluster|listener)\(s\) /;

/** Marks that Envoy's protobuf library puts before the printed form of a message, which may hold whole resources. */
const DUMP_MARK = /goo\.gle\/debug(?:str|proto|only)/;

/** Causes that follow a printed message and are worth keeping; each is cut before it could print one again. */
const CAUSES: readonly RegExp[] = [
  /Proto constraint validation failed \([^\n]*/,
  /Invalid duration: [^\n{]*/,
  /has unknown fields?[^\n{]*/,
];

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
  const shown = DUMP_MARK.test(text) ? causeAfterDump(text) : withoutBytes(text);
  const line = shown.replace(/\s+/g, ' ').trim();
  return line.length <= NACK_TEXT_CHARACTERS_MAX ? line : `${line.slice(0, NACK_TEXT_CHARACTERS_MAX - 3)}...`;
}

function before(list: string, mark: string): string {
  const at = list.indexOf(mark);
  return at < 0 ? '' : list.slice(0, at);
}

function causeAfterDump(text: string): string {
  for (const cause of CAUSES) {
    const match = cause.exec(text);
    if (match !== null) return match[0];
  }
  return 'the proxy refused the response (its text printed the resource and is withheld)';
}

function withoutBytes(text: string): string {
  return text.replace(/(Unable to unpack as [^:]*).*/s, '$1');
}
