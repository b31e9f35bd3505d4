import type { z } from 'zod';
import { type Diagnostic, diagnostic } from '../diagnostics/diagnostic.ts';
import { locate, type Path, type YamlSource } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { childOf, childrenOf } from './schema-walk.ts';
import { unbuiltValues } from './unbuilt.ts';

interface Place {
  readonly source: YamlSource;
  readonly path: Path;
}

/** What a document uses that nothing would act on: each field once, at its key, and each word at its place. */
export function* unbuiltParts(schema: z.ZodType, value: unknown, place: Place): Generator<Diagnostic> {
  if (!holdsUnbuilt(schema)) return;
  const { source, path } = place;
  const unbuilt = unbuiltValues(schema);
  if (unbuilt === 'all') {
    yield notBuilt(locate(source, path, 'key'), quoted(String(path.at(-1))));
    return;
  }
  if (typeof value === 'string') {
    if (unbuilt.includes(value)) yield notBuilt(locate(source, path), quoted(value));
    return;
  }
  if (value === null || typeof value !== 'object') return;
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [step, member] of members) {
    const field = childOf(schema, step);
    if (field !== undefined) yield* unbuiltParts(field, member, { source, path: [...path, step] });
  }
}

const HOLDING = new WeakMap<z.ZodType, boolean>();

/** Whether anything of the schema is not built. Schemas never change, so each is looked through once. */
function holdsUnbuilt(schema: z.ZodType): boolean {
  const known = HOLDING.get(schema);
  if (known !== undefined) return known;
  const unbuilt = unbuiltValues(schema);
  const holds = unbuilt === 'all' || unbuilt.length > 0 || childrenOf(schema).some(holdsUnbuilt);
  HOLDING.set(schema, holds);
  return holds;
}

/** A document of a kind that is not built. */
export function unbuiltKind(source: YamlSource, kind: string): Diagnostic {
  const hint = 'remove the document: nothing in this version would act on it';
  return diagnostic('HG2011', locate(source, ['kind']), `the kind ${quoted(kind)} is known but not built yet`, {
    hint,
  });
}

function notBuilt(span: Diagnostic['span'], what: string): Diagnostic {
  const hint = 'remove it: nothing in this version would act on it';
  return diagnostic('HG2011', span, `${what} is known but not built yet`, { hint });
}
