import { z } from 'zod';

/** A push of GitHub, GitLab, Gitea and Forgejo. */
const plainPush = z.object({ ref: z.string() });
/** `repo:push` of Bitbucket Cloud: a deleted ref has no `new`. */
const end = z.object({ type: z.string(), name: z.string() }).nullish();
const cloudPush = z.object({ push: z.object({ changes: z.array(z.object({ new: end, old: end })) }) });
/** `repo:refs_changed` of Bitbucket Data Center. */
const dataCenterPush = z.object({ changes: z.array(z.object({ ref: z.object({ id: z.string() }) })) });

/**
 * The whole names of the refs that a delivery says were pushed; undefined when it is about something else, or nothing
 * that we know. It is a hint: what is served is read from the repository.
 */
export function pushedRefs(body: Buffer, contentType: string): readonly string[] | undefined {
  const payload = payloadOf(body, contentType);
  const plain = plainPush.safeParse(payload);
  if (plain.success) return [plain.data.ref];
  const cloud = cloudPush.safeParse(payload);
  if (cloud.success) {
    const ends = cloud.data.push.changes.flatMap((change) => change.new ?? change.old ?? []);
    return ends.map(({ type, name }) => `refs/${type === 'tag' ? 'tags' : 'heads'}/${name}`);
  }
  const dataCenter = dataCenterPush.safeParse(payload);
  return dataCenter.success ? dataCenter.data.changes.map(({ ref }) => ref.id) : undefined;
}

/** GitHub and Gitea may send the JSON as a form. */
function payloadOf(body: Buffer, contentType: string): unknown {
  const text = body.toString('utf8');
  const isForm = contentType.startsWith('application/x-www-form-urlencoded');
  try {
    return JSON.parse(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text);
  } catch {
    return undefined;
  }
}
