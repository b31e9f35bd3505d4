import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ForgeKind } from '../../src/io/forge/commit-status.ts';

/** What a forge is asked. */
export interface ForgeRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: ForgeBody;
  readonly text: string;
}

/** The members of what is sent, whatever they are. */
export type ForgeBody = Partial<Readonly<Record<StatusMember | EventMember, unknown>>>;
type StatusMember = 'state' | 'context' | 'name' | 'key' | 'description' | 'target_url' | 'url';
type EventMember = 'specversion' | 'id' | 'source' | 'type' | 'time' | 'subject';

export interface ForgeReply {
  readonly status: number;
  readonly body: object;
}

/** A status as the forge holds it, in its own words. */
export interface HeldStatus {
  readonly commit: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly link?: string;
}

export interface ForgeRules {
  /** Where the API begins, below the server's address. */
  readonly apiPath: string;
  /** What a status request must be. `held` are those of before. Gives the status to hold, or a refusal. */
  readonly judge: (request: ForgeRequest, its: ForgeSecrets, held: readonly HeldStatus[]) => HeldStatus | ForgeReply;
}

export interface ForgeSecrets {
  readonly token: string;
  readonly repository: string;
  /** Whether the repository has the commit. */
  readonly hasCommit: (commit: string) => boolean;
}

const SHA = '([0-9a-f]{40})';

/** As the documentation of each forge, and the errors that people report of it, describe them. */
export const FORGE_RULES: Readonly<Record<ForgeKind, ForgeRules>> = {
  github: {
    apiPath: '',
    judge: ({ path, headers, body }, { token, repository, hasCommit }, held) => {
      if (headers['user-agent'] === undefined) return reply(403, 'Request forbidden by administrative rules.');
      if (headers.authorization !== `Bearer ${token}`) return reply(401, 'Bad credentials');
      const [, commit = ''] = new RegExp(`^/repos/${repository}/statuses/${SHA}$`).exec(path) ?? [];
      if (commit === '') return reply(404, 'Not Found');
      if (!hasCommit(commit)) return reply(422, `No commit found for SHA: ${commit}`);
      const wrong = [
        isOneOf(body.state, ['error', 'failure', 'pending', 'success']) ? '' : 'state is not included in the list',
        isText(body.description, 140) ? '' : 'description is too long (maximum is 140 characters)',
        isText(body.context, Number.POSITIVE_INFINITY) ? '' : 'context is missing',
        held.filter((one) => one.commit === commit && one.context === body.context).length < 1_000
          ? ''
          : 'This SHA and context has reached the maximum number of statuses.',
      ].filter((text) => text !== '');
      if (wrong.length > 0) return reply(422, `Validation Failed: ${wrong.join('; ')}`);
      return statusOf(commit, body.context, body, body.target_url);
    },
  },
  gitlab: {
    apiPath: '/api/v4',
    judge: ({ path, headers, body }, { token, repository, hasCommit }, held) => {
      if (headers['private-token'] !== token) return reply(401, '401 Unauthorized');
      const [, project, commit = ''] = new RegExp(`^/projects/([^/]+)/statuses/${SHA}$`).exec(path) ?? [];
      if (decodeURIComponent(project ?? '') !== repository) return reply(404, '404 Project Not Found');
      if (!hasCommit(commit)) return reply(404, '404 Commit Not Found');
      const states = ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'];
      if (!isOneOf(body.state, states)) return reply(400, 'state does not have a valid value');
      for (const field of ['name', 'description', 'target_url'] as const) {
        const isThere = body[field] !== undefined;
        if (isThere && !isText(body[field], 255)) return reply(400, `${field} is too long (maximum is 255 characters)`);
      }
      const before = held.findLast((one) => one.commit === commit && one.context === body.name);
      if (before?.state === 'running' && body.state === 'running') {
        const reason = '(Reason(s): Status cannot transition via "run")';
        return reply(400, `Cannot transition status via :run from :running ${reason}`);
      }
      return statusOf(commit, body.name, body, body.target_url);
    },
  },
  gitea: {
    apiPath: '/api/v1',
    judge: ({ path, headers, body }, { token, repository, hasCommit }) => {
      if (headers.authorization !== `token ${token}`) return reply(401, 'invalid username, password or token');
      const [, commit = ''] = new RegExp(`^/repos/${repository}/statuses/${SHA}$`).exec(path) ?? [];
      if (commit === '') return reply(404, "The target couldn't be found.");
      if (!hasCommit(commit)) return reply(404, `object does not exist [id: ${commit}]`);
      if (!isOneOf(body.state, ['pending', 'success', 'error', 'failure', 'warning', 'skipped']))
        return reply(422, 'unknown state');
      return statusOf(commit, body.context, body, body.target_url);
    },
  },
  bitbucket: {
    apiPath: '/2.0',
    judge: ({ path, headers, body }, { token, repository, hasCommit }) => {
      if (headers.authorization !== `Bearer ${token}`) return reply(401, 'Token is invalid');
      const [, commit = ''] = new RegExp(`^/repositories/${repository}/commit/${SHA}/statuses/build$`).exec(path) ?? [];
      if (commit === '' || !hasCommit(commit)) return reply(404, 'Commit not found');
      if (!isOneOf(body.state, ['SUCCESSFUL', 'FAILED', 'INPROGRESS', 'STOPPED'])) return reply(400, 'state');
      if (!isText(body.key, 40)) return reply(400, 'key: Ensure this value has at most 40 characters');
      if (!URL.canParse(String(body.url))) return reply(400, 'url: required key not provided');
      if (!isText(body.name, 255)) return reply(400, 'name: too long');
      return statusOf(commit, body.name, body, body.url);
    },
  },
};

/** What is wrong with a CloudEvent that comes by the rules of Standard Webhooks; undefined where nothing is. */
export function wrongEvent({ headers, body, text }: ForgeRequest, secret: string): string | undefined {
  if (!(headers['content-type'] ?? '').startsWith('application/cloudevents+json')) return 'content-type';
  const wanted = ['specversion', 'id', 'source', 'type', 'time', 'subject'] as const;
  const missing = wanted.find((name) => typeof body[name] !== 'string' || body[name] === '');
  if (missing !== undefined) return `no ${missing}`;
  if (body.specversion !== '1.0') return 'specversion';
  if (Number.isNaN(Date.parse(String(body.time)))) return 'time';
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  if (id !== body.id) return 'webhook-id';
  if (Math.abs(Number(timestamp) - Date.now() / 1_000) > 300) return 'webhook-timestamp';
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const mac = createHmac('sha256', key)
    .update(`${String(id)}.${String(timestamp)}.${text}`)
    .digest('base64');
  return headers['webhook-signature'] === `v1,${mac}` ? undefined : 'webhook-signature';
}

function statusOf(commit: string, context: unknown, body: ForgeBody, link: unknown): HeldStatus {
  return {
    ...{ commit, context: String(context), state: String(body.state), description: String(body.description) },
    ...(typeof link === 'string' ? { link } : {}),
  };
}

function reply(status: number, message: string): ForgeReply {
  return { status, body: { message } };
}

function isOneOf(value: unknown, values: readonly string[]): boolean {
  return typeof value === 'string' && values.includes(value);
}

function isText(value: unknown, charsMax: number): boolean {
  return typeof value === 'string' && [...value].length <= charsMax;
}
