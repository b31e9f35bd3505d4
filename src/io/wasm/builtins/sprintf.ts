import type { RegoValue } from '../value-text.ts';
import { type Builtin, BuiltinError, itemsAt, textAt } from './argument.ts';
import { type Directive, describe, formatVerb } from './sprintf-verbs.ts';

/** The widest padding that a policy may ask for: a log line, not a way to fill memory. */
const WIDTH_MAX = 1_000;

/** `sprintf(format, values)` with the verbs of Go's fmt package, as OPA has it: https://pkg.go.dev/fmt. */
export const sprintf: Builtin = (args) => formatGo(textAt(args, 0), itemsAt(args, 1));

/** Flags, explicit index, width, precision, explicit index, verb. */
const DIRECTIVE = /%([-+# 0]*)(?:\[(\d{1,3})\])?(\*|\d{1,4})?(?:\.(\*|\d{0,3}))?(?:\[(\d{1,3})\])?(.)?/gsu;

function formatGo(format: string, values: readonly RegoValue[]): string {
  let next = 0;
  let reordered = false;
  const count = (amount: string | undefined): number | undefined => {
    if (amount === undefined) return undefined;
    const value = amount === '*' ? Number(values[next++]) : Number(amount);
    if (!(value <= WIDTH_MAX)) throw new BuiltinError('a width or precision is too large');
    return value;
  };
  const jump = (index: string | undefined): void => {
    if (index === undefined) return;
    next = Number(index) - 1;
    reordered = true;
  };
  const text = format.replace(DIRECTIVE, (...match: (string | undefined)[]) => {
    const [, flags = '', indexBefore, width, precision, indexAfter, verb] = match;
    if (verb === undefined) return '%!(NOVERB)';
    if (verb === '%') return '%';
    jump(indexBefore);
    const directive: Directive = { flags, width: count(width), precision: count(precision), verb };
    jump(indexAfter);
    const value = values[next];
    if (value === undefined) return reordered ? `%!${verb}(BADINDEX)` : `%!${verb}(MISSING)`;
    next += 1;
    return formatVerb(directive, value) ?? `%!${verb}(${describe(value)})`;
  });
  if (reordered || next >= values.length) return text;
  return `${text}%!(EXTRA ${values.slice(next).map(describe).join(', ')})`;
}
