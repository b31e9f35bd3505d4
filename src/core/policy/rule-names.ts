/**
 * The rules by which a package decides. Each is a set of objects (`deny contains {...} if ...`); their forms are in
 * decision.ts. Any other rule of a package is its own business.
 */
export const RULE_NAMES = ['deny', 'warn', 'redact', 'rewrite', 'route', 'limit', 'annotate', 'stream'] as const;

export type RuleName = (typeof RULE_NAMES)[number];
