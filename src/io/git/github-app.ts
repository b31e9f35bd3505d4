import { createSign } from 'node:crypto';
import { z } from 'zod';
import { SourceError } from './source-error.ts';

/** An app of GitHub that is installed where the repository is; its private key never leaves this process. */
export interface GithubApp {
  readonly appId: number;
  readonly installationId: number;
  /** PEM text, read at each use. */
  readonly privateKey: () => string;
  /** Such as `https://api.github.com`, without a slash at the end. */
  readonly api: string;
}

const answerShape = z.object({ token: z.string().min(1), expires_at: z.iso.datetime() });

/** GitHub takes a proof for ten minutes at most, and a clock may be a minute ahead of its own. */
const PROOF_MS = 9 * 60_000;
const BACKDATED_MS = 60_000;
/** A token lives an hour: one that ends within this time is not begun with. */
const SPARE_MS = 5 * 60_000;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Tokens of an app, as "Authenticating as a GitHub App installation" has them: an RS256 proof by the private key is
 * changed for a token, which is used until it nears its end.
 * @returns a reader that throws SourceError `git-auth`, `git-unreachable`
 */
export function githubAppToken(app: GithubApp, nowMs: () => number): () => Promise<string> {
  let last: { readonly token: string; readonly endsMs: number } | undefined;
  return async () => {
    if (last !== undefined && nowMs() < last.endsMs - SPARE_MS) return last.token;
    const { token, expires_at: ends } = await newToken(app, nowMs());
    last = { token, endsMs: Date.parse(ends) };
    return token;
  };
}

async function newToken(app: GithubApp, nowMs: number): Promise<z.infer<typeof answerShape>> {
  const authorization = `Bearer ${proof(app, nowMs)}`;
  const answer = await fetch(`${app.api}/app/installations/${app.installationId}/access_tokens`, {
    method: 'POST',
    headers: { authorization, accept: 'application/vnd.github+json', 'user-agent': 'headgate' },
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw failed('git-unreachable', 'the API of GitHub cannot be reached for a token', cause);
  });
  if (!answer.ok) throw failed('git-auth', `GitHub gives the app no token: ${answer.status}`);
  const parsed = answerShape.safeParse(await answer.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw failed('git-auth', 'GitHub gives the app no token: its answer is none');
}

/** A JSON Web Token (RFC 7519) that says who we are. */
function proof({ appId, privateKey }: GithubApp, nowMs: number): string {
  const seconds = (ms: number) => Math.floor(ms / 1000);
  const claims = { iat: seconds(nowMs - BACKDATED_MS), exp: seconds(nowMs + PROOF_MS), iss: String(appId) };
  const text = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => base64url(JSON.stringify(part))).join('.');
  try {
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey(), 'base64url')}`;
  } catch (cause) {
    throw failed('git-auth', 'the private key of the app cannot be used', cause);
  }
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function failed(code: 'git-auth' | 'git-unreachable', message: string, cause?: unknown): SourceError {
  return new SourceError(code, message, { cause });
}
