import type { Result } from '../base/result.ts';
import { type Draft, emptyDraft } from './draft.ts';
import { allRemarks, openSource, type Remark, type Source } from './source-place.ts';
import { type WrittenFile, writeDraft } from './write-draft.ts';

/** What became of a configuration of another gateway. */
export interface Imported {
  readonly files: readonly WrittenFile[];
  /** What the files do not say, or say as a guess, in order of the lines of the source. */
  readonly remarks: readonly Remark[];
}

/** Text that is no YAML gives the place of the first mistake. */
export type ImportResult = Result<Imported, { readonly line: number; readonly message: string }>;

/** Opens the text, lets `read` fill the draft, and writes it down. What `read` does not touch becomes a remark. */
export function importText(text: string, read: (source: Source, draft: Draft) => void): ImportResult {
  const opened = openSource(text);
  if (!opened.ok) return opened;
  const draft = emptyDraft();
  read(opened.value, draft);
  return { ok: true, value: { files: writeDraft(draft), remarks: allRemarks(opened.value) } };
}
