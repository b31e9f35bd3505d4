/** What came of one attempt to tell another server something. `why` names no token and no header. */
export type Delivery =
  | { readonly kind: 'delivered' }
  /** It will never be taken: the server says so. */
  | { readonly kind: 'refused'; readonly why: string }
  /** It may be taken later. */
  | { readonly kind: 'failed'; readonly why: string; readonly retryAfterMs?: number };
