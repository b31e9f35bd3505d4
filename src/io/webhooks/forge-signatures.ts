import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Who may say that there was a push. */
export const WEBHOOK_FORGES = ['github', 'gitlab', 'gitea', 'forgejo', 'bitbucket', 'bitbucket-data-center'] as const;
export type WebhookForge = (typeof WEBHOOK_FORGES)[number];

export interface Delivery {
  readonly headers: IncomingHttpHeaders;
  /** As it came: what is signed are its bytes. */
  readonly body: Buffer;
}

/** How far the clock of a forge may be away from ours, where it signs the time. */
const CLOCK_DIFFERENCE_MS_MAX = 5 * 60_000;
/** A secret of GitLab that begins so signs deliveries; any other is sent along as it is. */
const SIGNING_TOKEN_PREFIX = 'whsec_';

/**
 * Whether a delivery carries the secret that we share with a forge, as the forge documents it: an HMAC-SHA256 over the
 * body, for GitLab over id, time and body (Standard Webhooks) or the secret itself. An empty secret vouches for nobody.
 */
export function isGenuine(forge: WebhookForge, delivery: Delivery, secret: string, nowMs: number): boolean {
  if (secret === '') return false;
  const { headers, body } = delivery;
  switch (forge) {
    case 'github':
      return isSame(headers['x-hub-signature-256'], `sha256=${hmacHex(secret, body)}`);
    case 'bitbucket':
    case 'bitbucket-data-center':
      return isSame(headers['x-hub-signature'], `sha256=${hmacHex(secret, body)}`);
    case 'gitea':
      return isSame(headers['x-gitea-signature'], hmacHex(secret, body));
    case 'forgejo':
      return isSame(headers['x-forgejo-signature'] ?? headers['x-gitea-signature'], hmacHex(secret, body));
    case 'gitlab':
      return secret.startsWith(SIGNING_TOKEN_PREFIX)
        ? isSignedWithTime(delivery, secret, nowMs)
        : isSame(headers['x-gitlab-token'], secret);
  }
}

/** The id that a forge gives a delivery, the same when it is sent again; undefined when it gives none. */
export function deliveryId(forge: WebhookForge, headers: IncomingHttpHeaders): string | undefined {
  const names: Readonly<Record<WebhookForge, readonly string[]>> = {
    github: ['x-github-delivery'],
    gitlab: ['webhook-id', 'idempotency-key', 'x-gitlab-event-uuid'],
    gitea: ['x-gitea-delivery'],
    forgejo: ['x-forgejo-delivery', 'x-gitea-delivery'],
    bitbucket: ['x-request-uuid'],
    'bitbucket-data-center': ['x-request-id'],
  };
  return names[forge].map((name) => headers[name]).find((id) => typeof id === 'string');
}

function isSignedWithTime({ headers, body }: Delivery, secret: string, nowMs: number): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof seconds !== 'string' || typeof signatures !== 'string') return false;
  if (!/^\d{1,12}$/.test(seconds) || Math.abs(Number(seconds) * 1000 - nowMs) > CLOCK_DIFFERENCE_MS_MAX) return false;
  const key = Buffer.from(secret.slice(SIGNING_TOKEN_PREFIX.length), 'base64');
  const signed = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64');
  return signatures.split(' ').some((signature) => isSame(signature, `v1,${signed}`));
}

function hmacHex(secret: string, body: Buffer): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** Takes as long for any wrong text: what is compared are digests. */
function isSame(given: string | string[] | undefined, expected: string): boolean {
  if (typeof given !== 'string') return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
