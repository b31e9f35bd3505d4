/**
 * Controls, and characters that reorder or hide text (Unicode Cc, Cf, Zl, Zp): with them a reviewer reads another line
 * than we do. The joiners of scripts and emoji are letters to their readers and stay.
 */
export const UNSEEN = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--[\t\n\r\u200c\u200d]]/v;

const UNSEEN_EVERYWHERE = new RegExp(`${UNSEEN.source}|\\r|\\n`, 'gv');

/** The text as it may be shown on one line of a terminal: a tab is a space, what cannot be seen a replacement mark. */
export function visibleText(text: string): string {
  return text.replaceAll('\t', ' ').replace(UNSEEN_EVERYWHERE, '\ufffd');
}

/** A user's word in quotes, cut where it is too long to read. */
export function quoted(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return `"${visibleText(shown.replaceAll('\n', ' '))}"`;
}
