import { durationMs } from '../base/duration.ts';
import { sizeBytes } from '../base/size.ts';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate, type Path } from '../diagnostics/locate.ts';
import type { Document } from './document.ts';

/** Bounds as a user would write them, both allowed. */
export interface Bounds {
  readonly least: string;
  readonly most: string;
}

export function* checkDuration(document: Document, path: Path, text: string, bounds: Bounds): Generator<Diagnostic> {
  yield* checkQuantity(document, path, text, bounds, durationMs);
}

export function* checkSize(document: Document, path: Path, text: string, bounds: Bounds): Generator<Diagnostic> {
  yield* checkQuantity(document, path, text, bounds, sizeBytes);
}

function* checkQuantity(
  document: Document,
  path: Path,
  text: string,
  bounds: Bounds,
  parse: (text: string) => number | undefined,
): Generator<Diagnostic> {
  const value = parse(text) ?? Number.NaN;
  if (value >= (parse(bounds.least) ?? 0) && value <= (parse(bounds.most) ?? 0)) return;
  const message = `"${String(path.at(-1))}" is ${text}, and must be from ${bounds.least} to ${bounds.most}`;
  yield diagnostic('HG3005', locate(document.source, path), message);
}
