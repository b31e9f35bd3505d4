/** Control characters, and those that reorder or hide text: they could make a line look like something it is not. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** The text as it may be shown in a terminal: a tab is one space, and what cannot be seen is a replacement mark. */
export function visibleText(text: string): string {
  return text.replaceAll('\t', ' ').replace(UNSEEN, '\ufffd');
}

/** A user's word in quotes, cut where it is too long to read. */
export function quoted(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return `"${visibleText(shown.replaceAll('\n', ' '))}"`;
}
