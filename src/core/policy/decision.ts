import { z } from 'zod';
import { failed, ok, type Result } from '../base/result.ts';
import { sortedBy } from '../base/text-order.ts';
import { RULE_NAMES } from './rule-names.ts';

/** Decisions of one kind and guardrail that are read; a policy that gives more has a mistake in a loop. */
const DECISIONS_MAX = 1_000;
const MESSAGE_CHARS_MAX = 2_000;
const LIST_ITEMS_MAX = 1_000;

const shadow = z.boolean().default(false);
const names = z.array(z.string()).max(LIST_ITEMS_MAX).default([]);
const offset = z.int().nonnegative();
const code = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/);
const message = z.string().max(MESSAGE_CHARS_MAX).default('');
const severity = z.enum(['low', 'medium', 'high', 'critical']).default('high');

/** The forms of a package's decisions. Unknown members are mistakes. */
const decisions = z.strictObject({
  /** Refuses the request or cuts the answer; the client sees code and message. */
  deny: list(z.strictObject({ code, message, severity, shadow })),
  /** Goes into the record. */
  warn: list(z.strictObject({ code, message, severity, shadow })),
  /** Replaces code points `start` to `end` of the text at `ptr`. */
  redact: list(
    z.strictObject({
      ptr: z.string(),
      start: offset,
      end: offset,
      with: z.string().max(200).default('[redacted]'),
      shadow,
    }),
  ),
  /** Takes offers (by id), providers or pools (by name) and regions out of the choice. */
  route: list(z.strictObject({ forbid: z.strictObject({ offers: names, upstreams: names, regions: names }), shadow })),
});

function list<T extends z.ZodType>(item: T) {
  return z.array(item).max(DECISIONS_MAX).default([]);
}

/** The decisions of one guardrail's package, checked. */
export type Decisions = Readonly<z.infer<typeof decisions>>;

const NONE: Decisions = { deny: [], warn: [], redact: [], route: [] };

/**
 * Reads what the package of one guardrail gave. A decision of the wrong form makes all of them void: the error says
 * which and why, and the guardrail has failed. Decisions come sorted, since a set has no order.
 */
export function readDecisions(raw: unknown): Result<Decisions, string> {
  if (isEmpty(raw)) return ok(NONE);
  const parsed = decisions.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return failed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong form'}`);
  }
  const { deny, warn, redact, route } = parsed.data;
  const backwards = redact.find(({ start, end }) => start >= end);
  if (backwards !== undefined) return failed(`redact: ${backwards.start} to ${backwards.end} is no span`);
  return ok({ deny: inOrder(deny), warn: inOrder(warn), redact: inOrder(redact), route: inOrder(route) });
}

/** Nearly every request: the package has rules, and none of them fired. */
function isEmpty(raw: unknown): boolean {
  if (typeof raw !== 'object' || raw === null) return false;
  return Object.entries(raw).every(
    ([name, items]) => (RULE_NAMES as readonly string[]).includes(name) && Array.isArray(items) && items.length === 0,
  );
}

function inOrder<T>(items: T[]): T[] {
  return items.length < 2 ? items : sortedBy(items, (item) => JSON.stringify(item));
}
