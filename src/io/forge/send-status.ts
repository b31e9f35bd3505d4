import { type CommitStatus, type ForgeTarget, statusPost } from './commit-status.ts';
import type { Delivery } from './delivery.ts';
import { type PostAnswer, PostError, postJson } from './post-json.ts';

/** As much of an answer as a line of the log shows. */
const WHY_CHARS_MAX = 300;

/** Sets one status, once. */
export async function sendStatus(
  target: ForgeTarget,
  status: CommitStatus,
  token: string,
  signal: AbortSignal,
): Promise<Delivery> {
  try {
    return judged(target, await postJson(statusPost(target, status, token), signal), token);
  } catch (cause) {
    if (!(cause instanceof PostError)) throw cause;
    return { kind: 'failed', why: cause.message };
  }
}

function judged({ kind }: ForgeTarget, answer: PostAnswer, token: string): Delivery {
  const { status, retryAfterMs, text } = answer;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  // GitLab takes no second `running`: the one that is there goes on standing.
  if (kind === 'gitlab' && status === 400 && text.includes('Cannot transition status')) return { kind: 'delivered' };
  const why = `${status} ${withoutToken(text, token).replaceAll(/\s+/g, ' ').slice(0, WHY_CHARS_MAX)}`.trimEnd();
  if (!isPassing(answer)) return { kind: 'refused', why };
  return { kind: 'failed', why, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/**
 * What another try may change: a server in trouble, a limit of requests (GitHub tells it with 403 too), a token that is
 * renewed. A commit that the forge does not know yet (404, GitHub 422) is refused: it came to us from there.
 */
function isPassing({ status, retryAfterMs }: PostAnswer): boolean {
  if (status >= 500 || status === 401 || status === 408 || status === 425 || status === 429) return true;
  return status === 403 && retryAfterMs !== undefined;
}

/** A server that echoes what it was sent must not bring the token into the log. */
function withoutToken(text: string, token: string): string {
  return token === '' ? text : text.replaceAll(token, '***');
}
