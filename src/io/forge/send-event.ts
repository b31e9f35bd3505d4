import { createHmac } from 'node:crypto';
import type { Delivery } from './delivery.ts';
import { PostError, postJson } from './post-json.ts';

/** An event of CloudEvents 1.0, in its structured JSON form. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: object;
}

export interface EventTarget {
  readonly url: string;
  readonly authorityPem?: string;
}

/** The form of secrets in Standard Webhooks: this and base64. Any other text is taken as it is. */
const SECRET_PREFIX = 'whsec_';

/**
 * Sends one event, once, signed by the rules of Standard Webhooks where there is a secret: the receiver checks
 * `webhook-signature` over `webhook-id`, `webhook-timestamp` and the body, and knows a repetition by its `webhook-id`.
 */
export async function sendEvent(
  { url, authorityPem }: EventTarget,
  event: CloudEvent,
  { secret, nowMs }: { readonly secret: string; readonly nowMs: number },
  signal: AbortSignal,
): Promise<Delivery> {
  const body = JSON.stringify(event);
  const timestamp = String(Math.floor(nowMs / 1_000));
  const signed = secret === '' ? {} : { 'webhook-signature': webhookSignature(secret, event.id, timestamp, body) };
  const headers = {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    ...{ 'webhook-id': event.id, 'webhook-timestamp': timestamp, ...signed },
  };
  try {
    const answer = await postJson(
      { url, headers, body, ...(authorityPem === undefined ? {} : { authorityPem }) },
      signal,
    );
    const { status, retryAfterMs } = answer;
    if (status >= 200 && status < 300) return { kind: 'delivered' };
    // What it answers is not told on: it may be a page that echoes the event's signature.
    const why = `status ${status}`;
    const isPassing = status >= 500 || [401, 403, 404, 408, 425, 429].includes(status);
    if (!isPassing) return { kind: 'refused', why };
    return { kind: 'failed', why, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  } catch (cause) {
    if (!(cause instanceof PostError)) throw cause;
    return { kind: 'failed', why: cause.message };
  }
}

/** `v1,` and the base64 of the HMAC-SHA256 over id, time and body. */
function webhookSignature(secret: string, id: string, timestamp: string, body: string): string {
  const key = secret.startsWith(SECRET_PREFIX)
    ? Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
    : Buffer.from(secret, 'utf8');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
