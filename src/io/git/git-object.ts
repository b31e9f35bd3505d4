/** One line of a tree object. */
export interface TreeEntry {
  /** Octal text as git stores it: `100644`, `100755`, `120000` (symlink), `160000` (submodule), `40000` (tree). */
  readonly mode: string;
  /** Undefined when the name is no valid UTF-8. */
  readonly name: string | undefined;
  readonly id: string;
}

/** The head of a commit object. */
export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly email: string;
  /** Milliseconds since the epoch. */
  readonly authoredAt: number;
  /** The first line of the message. */
  readonly subject: string;
}

const SHA1_BYTES = 20;
const SPACE = 0x20;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** The entries of a raw tree object (`mode SP name NUL id`, repeated); undefined when it is none. */
export function parseTree(bytes: Buffer): TreeEntry[] | undefined {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(SPACE, at);
    const nul = space < 0 ? -1 : bytes.indexOf(0, space);
    const end = nul + 1 + SHA1_BYTES;
    if (nul < 0 || end > bytes.length) return undefined;
    entries.push({
      mode: bytes.toString('latin1', at, space),
      name: decodeName(bytes.subarray(space + 1, nul)),
      id: bytes.toString('hex', nul + 1, end),
    });
    at = end;
  }
  return entries;
}

/** The parts of a raw commit object that we show; undefined when it is none. Text is never trusted to be UTF-8. */
export function parseCommit(bytes: Buffer): Commit | undefined {
  const text = bytes.toString('utf8');
  const headEnd = text.indexOf('\n\n');
  const head = headEnd < 0 ? text : text.slice(0, headEnd);
  const tree = /^tree ([0-9a-f]{40})$/m.exec(head)?.[1];
  const author = /^author (.*?) ?<(.*?)> (-?\d+) [+-]\d{4}$/m.exec(head);
  if (tree === undefined || author === null) return undefined;
  return {
    tree,
    parents: [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map((match) => match[1] ?? ''),
    author: author[1] ?? '',
    email: author[2] ?? '',
    authoredAt: Number(author[3]) * 1000,
    subject: headEnd < 0 ? '' : (text.slice(headEnd + 2).split('\n', 1)[0] ?? ''),
  };
}

function decodeName(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}
