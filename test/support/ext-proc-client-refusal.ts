/** A reply that Envoy would drop, count as spurious or turn into a failed request. Tests fail on it. */
class EnvoyRefusal extends Error {
  override readonly name = 'EnvoyRefusal';
  readonly rule: RefusedRule;

  constructor(rule: RefusedRule, detail = '') {
    super(detail === '' ? rule : `${rule}: ${detail}`);
    this.rule = rule;
  }
}

/** The rules of reference/ext-proc.md 1.2 to 1.4 and envoy-1.40.md B1, B4, B6, B7, B10. */
export type RefusedRule =
  | 'no-reply-in-time'
  | 'reply-without-message'
  | 'wrong-kind'
  | 'empty-reply'
  | 'unsupported-field'
  | 'value-instead-of-raw-value'
  | 'append-action'
  | 'forbidden-header'
  | 'malformed-header'
  | 'headers-too-large'
  | 'content-length-mismatch'
  | 'clear-route-cache-on-response'
  | 'mode-override-not-here'
  | 'mode-override-not-allowed'
  | 'mode-override-incomplete'
  | 'unknown-metadata-namespace'
  | 'body-in-headers-reply'
  | 'streamed-outside-full-duplex'
  | 'whole-body-in-full-duplex'
  | 'chunk-too-large'
  | 'body-before-headers-reply'
  | 'bytes-lost'
  | 'status';

export function refuse(rule: RefusedRule, detail?: string): never {
  throw new EnvoyRefusal(rule, detail);
}
