/**
 * The names by which Envoy's configuration and the ext_proc service know each other. Both sides take them from here:
 * a name that only one of them changed would fail closed at best.
 */

/** Headers between headgate and the proxy. Clients cannot send them: every `x-headgate-` header is stripped on entry. */
export const HEADER = {
  /** The decision's id; its presence leads to the decided routes. */
  decision: 'x-headgate-decision',
  /** `attemptClass` of the matched route: selects the decided route. */
  attemptClass: 'x-headgate-class',
  /** `1` on a request whose answer is a stream: selects the variant with the idle time-out of streams. */
  stream: 'x-headgate-stream',
  /** Which provider a hop is for. */
  provider: 'x-headgate-provider',
  /** What the inner ext_proc needs to write this attempt's body: a JSON object, or `-` for none. */
  adapt: 'x-headgate-adapt',
} as const;

/** The header by which a client learns the id of its decision. */
export const CLIENT_DECISION_HEADER = 'headgate-decision';

/** Initial metadata of an ext_proc stream. */
export const INITIAL_METADATA = {
  /** The digest by which the request is to be decided. */
  revision: 'x-headgate-revision',
  /** The `node.cluster` of the proxy's fleet: its requests are counted together. On the outer one alone. */
  fleet: 'x-headgate-fleet',
  /** `adapt` on the stream of the inner ext_proc; absent on the outer one. */
  role: 'x-headgate-role',
} as const;

export const ADAPT_ROLE = 'adapt';

/** Dynamic metadata. A namespace that the ext_proc filter does not list is dropped without a word. */
export const NAMESPACE = {
  /** The attempt list: `priority_groups`. */
  groups: 'headgate.groups',
  /** `hosts`: the engines of all pool attempts, in order, separated by commas. */
  hosts: 'headgate.lb',
  /** `id` of the decision, and for each hop cluster whose attempt needs another body what the inner side must know. */
  hop: 'headgate.hop',
  /** `ready: true` says that an immediate response has its final body. */
  reply: 'headgate.reply',
  /** `hosts`: the engine that the pool chose last. */
  served: 'headgate.served',
  /** Typed: envoy.data.ai.v3.TokenUsage. */
  usage: 'envoy.ai.token_usage',
} as const;
