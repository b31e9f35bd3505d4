import { createHash } from 'node:crypto';
import type { JsonPost } from './post-json.ts';

/** The forges whose status API we know. Forgejo has that of Gitea. */
export const FORGES = ['github', 'gitlab', 'gitea', 'bitbucket'] as const;
export type ForgeKind = (typeof FORGES)[number];

export type CommitState = 'pending' | 'success' | 'failure' | 'error';

/** What a forge shows beside a commit. One of the same context takes the place of the one before. */
export interface CommitStatus {
  /** The full id. */
  readonly commit: string;
  /** `headgate/serve/edge`: whose status it is. */
  readonly context: string;
  readonly state: CommitState;
  readonly description: string;
  /** A page with more. */
  readonly link?: string;
}

/** A repository at a forge. */
export interface ForgeTarget {
  readonly kind: ForgeKind;
  /** Where the API begins: `https://api.github.com`, `https://gitlab.example.com/api/v4`. No slash at the end. */
  readonly api: string;
  /** `owner/name`; at GitLab the path of the project, or its number. */
  readonly repository: string;
  readonly authorityPem?: string;
}

/** Where the API is where the settings do not say; Gitea has no home of its own. */
export const PUBLIC_APIS: Readonly<Partial<Record<ForgeKind, string>>> = {
  github: 'https://api.github.com',
  gitlab: 'https://gitlab.com/api/v4',
  bitbucket: 'https://api.bitbucket.org/2.0',
};

/** GitHub refuses more than 140 characters with 422; GitLab and Bitbucket more than 255. Gitea has no limit. */
const DESCRIPTION_CHARS_MAX: Readonly<Record<ForgeKind, number>> = {
  github: 140,
  gitlab: 255,
  gitea: 255,
  bitbucket: 255,
};
/** GitLab and Bitbucket refuse more; GitHub says nothing, and cuts in its pages. */
const CONTEXT_CHARS_MAX = 255;
/** GitLab refuses a longer link with 400: a status without one is better than none. */
const LINK_CHARS_MAX = 255;

const GITLAB_STATES = { pending: 'running', success: 'success', failure: 'failed', error: 'failed' } as const;
const BITBUCKET_STATES = {
  pending: 'INPROGRESS',
  success: 'SUCCESSFUL',
  failure: 'FAILED',
  error: 'STOPPED',
} as const;

/** The request that sets a status, in the words of the forge and within its limits. */
export function statusPost(target: ForgeTarget, status: CommitStatus, token: string): JsonPost {
  const { kind, api, repository, authorityPem } = target;
  const description = shortened(status.description, DESCRIPTION_CHARS_MAX[kind]);
  const context = shortened(status.context, CONTEXT_CHARS_MAX);
  const link = status.link === undefined || status.link.length > LINK_CHARS_MAX ? undefined : status.link;
  const post = (where: string, headers: JsonPost['headers'], body: object): JsonPost => ({
    url: `${api}${where}`,
    headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(authorityPem === undefined ? {} : { authorityPem }),
  });
  const path = repository.split('/').map(encodeURIComponent).join('/');
  switch (kind) {
    case 'github':
      return post(
        `/repos/${path}/statuses/${status.commit}`,
        {
          ...{ accept: 'application/vnd.github+json', authorization: `Bearer ${token}` },
          'x-github-api-version': '2022-11-28',
        },
        { state: status.state, context, description, target_url: link },
      );
    case 'gitlab':
      return post(
        `/projects/${encodeURIComponent(repository)}/statuses/${status.commit}`,
        { 'private-token': token },
        { state: GITLAB_STATES[status.state], name: context, description, target_url: link },
      );
    case 'gitea':
      return post(
        `/repos/${path}/statuses/${status.commit}`,
        { authorization: `token ${token}` },
        { state: status.state, context, description, target_url: link },
      );
    case 'bitbucket':
      return post(
        `/repositories/${path}/commit/${status.commit}/statuses/build`,
        { authorization: `Bearer ${token}` },
        // A link must be there, and a key has 40 characters at most.
        {
          ...{ state: BITBUCKET_STATES[status.state], key: shortKey(context), name: context, description },
          url: link ?? `https://bitbucket.org/${path}/commits/${status.commit}`,
        },
      );
  }
}

/** Bitbucket's `key`: another one for every context. */
function shortKey(context: string): string {
  return createHash('sha256').update(context).digest('hex').slice(0, 40);
}

/** Cut in code points, so that no half of a pair is left; forges count characters. */
function shortened(text: string, charsMax: number): string {
  const chars = [...text];
  return chars.length <= charsMax ? text : `${chars.slice(0, charsMax - 1).join('')}…`;
}
