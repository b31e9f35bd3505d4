import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Json } from '../../core/base/canonical-json.ts';
import { type Digest, digestOfJson } from '../../core/base/digest.ts';

/** A line of the chain, as far as the next one needs it. */
export interface AuditLink {
  readonly sequence: number;
  readonly hash: string;
}

/** What the very first line follows. */
export const AUDIT_START: AuditLink = { sequence: 0, hash: '' };

/** What `verifyAudit` found. */
export type AuditVerdict =
  | { readonly kind: 'whole'; readonly lines: number; readonly last: AuditLink }
  | { readonly kind: 'broken'; readonly file: string; readonly line: number; readonly why: string };

interface AuditLine {
  readonly sequence: number;
  readonly time: string;
  readonly previous: string;
  readonly entry: Json;
  readonly hash: string;
}

/** The line after `last`, with its line break. The hash is over the canonical JSON of everything else in it. */
export function auditLine(
  last: AuditLink,
  time: string,
  entry: Json,
): { readonly text: string; readonly link: AuditLink } {
  const body = { sequence: last.sequence + 1, time, previous: last.hash, entry };
  const hash = digestOfJson(body);
  return { text: `${JSON.stringify({ ...body, hash })}\n`, link: { sequence: body.sequence, hash } };
}

/** The names of the files, the oldest first. */
export async function auditFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory);
  return names.filter((name) => /^audit-[0-9]{12}\.jsonl$/.test(name)).sort();
}

/** The last whole line of a file, and where it ends. */
export async function readLastLine(path: string): Promise<{ readonly link?: AuditLink; readonly endBytes: number }> {
  const bytes = await readFile(path);
  const endBytes = bytes.lastIndexOf(0x0a) + 1;
  const text = bytes.subarray(0, endBytes).toString('utf8').trimEnd();
  if (text === '') return { endBytes };
  const { sequence, hash } = JSON.parse(text.slice(text.lastIndexOf('\n') + 1)) as AuditLine;
  return { link: { sequence, hash }, endBytes };
}

/**
 * Whether every line follows the one before it and says what it said when it was written. The oldest file that is still
 * there begins where its first line says: files before it were taken away for room. Whoever can write the files can write
 * a new chain, so the last hash is to be kept elsewhere too: events and statuses carry none.
 */
export async function verifyAudit(directory: string): Promise<AuditVerdict> {
  let last: AuditLink | undefined;
  let lines = 0;
  for (const file of await auditFiles(directory)) {
    let line = 0;
    for await (const text of createInterface({ input: createReadStream(join(directory, file)) })) {
      line += 1;
      const found = judgeLine(text, last);
      if (typeof found === 'string') return { kind: 'broken', file, line, why: found };
      last = found;
      lines += 1;
    }
  }
  return { kind: 'whole', lines, last: last ?? AUDIT_START };
}

function judgeLine(text: string, last: AuditLink | undefined): AuditLink | string {
  let line: AuditLine;
  try {
    line = JSON.parse(text) as AuditLine;
  } catch {
    return 'it is no JSON';
  }
  const { hash, ...body } = line;
  if (hash !== digestOf(body)) return 'its hash is not that of its content';
  if (last !== undefined && body.previous !== last.hash) return 'it does not follow the line before it';
  if (last !== undefined && body.sequence !== last.sequence + 1) return 'a line before it is missing';
  return { sequence: body.sequence, hash };
}

function digestOf(body: Omit<AuditLine, 'hash'>): Digest {
  return digestOfJson({ ...body });
}
