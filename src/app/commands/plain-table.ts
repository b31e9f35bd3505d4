import Table from 'cli-table3';

/** A table without colours; nothing where it has no rows. */
export function plainTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return '';
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

const DIGEST_CHARACTERS = 'sha256:'.length + 12;
const COMMIT_CHARACTERS = 12;

/** As much of a digest as tells it from another. */
export function shortDigest(digest: string): string {
  return digest.slice(0, DIGEST_CHARACTERS);
}

export function shortCommit(commit: string): string {
  return commit.slice(0, COMMIT_CHARACTERS);
}
