/**
 * The rules by which a package decides. Each is a set of objects (`deny contains {...} if ...`); their forms are in
 * decision.ts. Any other rule of a package is its own business.
 */
export const RULE_NAMES = ['deny', 'warn', 'redact', 'route'] as const;

export type RuleName = (typeof RULE_NAMES)[number];

/** Names that are kept for decisions which are not built yet: a rule of such a name is an error, never passed over. */
export const FUTURE_RULE_NAMES = [
  ...['rewrite', 'system_prefix', 'limit', 'strip_tools', 'annotate', 'stream', 'obligation'],
] as const;
