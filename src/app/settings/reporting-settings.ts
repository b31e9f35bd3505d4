import { resolve } from 'node:path';
import { z } from 'zod';
import { FORGES, type ForgeTarget, PUBLIC_APIS } from '../../io/forge/commit-status.ts';
import type { EventTarget } from '../../io/forge/send-event.ts';
import { type ValueSource, valueShape, valueSource } from './value-source.ts';

/** Who is told what becomes of commits. */
export interface ReportingSettings {
  /** The name of this installation: several clusters that watch one repository need one each. */
  readonly installation: string;
  readonly statuses?: StatusSettings;
  readonly events: readonly EventSettings[];
}

export interface StatusSettings {
  readonly target: ForgeTarget;
  readonly token: ValueSource;
  /** A page with more, `{commit}` in it stands for the id. */
  readonly link?: string;
}

export interface EventSettings {
  readonly target: EventTarget;
  readonly secret: ValueSource;
}

/** Each has a queue of its own; whoever needs more puts a broker behind one. */
const EVENT_TARGETS_MAX = 8;

/** A token, and the names of models and teams, go over a network only under TLS. */
const urlShape = z.string().refine(isSafeUrl, 'write https://..., or http:// with a loopback address');

const statusesShape = z.strictObject({
  forge: z.enum(FORGES),
  repository: z
    .string()
    .regex(/^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*$/, 'write owner/name; at GitLab the path of the project or its number'),
  api: urlShape.optional(),
  token: valueShape,
  link: z.url().optional(),
  authority: z.string().min(1).optional(),
});

export const reportingShape = z
  .strictObject({
    installation: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'write small letters, digits, dots and dashes')
      .max(63)
      .default('headgate'),
    statuses: statusesShape
      .refine(({ forge, api }) => api !== undefined || PUBLIC_APIS[forge] !== undefined, {
        message: 'write the address of its API, such as https://git.example.com/api/v1',
        path: ['api'],
      })
      .optional(),
    events: z
      .array(z.strictObject({ url: urlShape, secret: valueShape, authority: z.string().min(1).optional() }))
      .max(EVENT_TARGETS_MAX)
      .default([]),
  })
  .prefault({});

/**
 * @param folder of the settings file, to which paths are relative
 * @param readText gives what stands in a file
 */
export function reportingSettings(
  { installation, statuses, events }: z.infer<typeof reportingShape>,
  folder: string,
  readText: (path: string) => string,
): ReportingSettings {
  const authority = (path: string | undefined) =>
    path === undefined ? {} : { authorityPem: readText(resolve(folder, path)) };
  return {
    installation,
    ...(statuses === undefined ? {} : { statuses: statusSettings(statuses, folder, authority(statuses.authority)) }),
    events: events.map(({ url, authority: path, secret }) => ({
      target: { url, ...authority(path) },
      secret: valueSource(secret, folder),
    })),
  };
}

function statusSettings(
  { forge, api, repository, token, link }: z.infer<typeof statusesShape>,
  folder: string,
  authority: { readonly authorityPem?: string },
): StatusSettings {
  const home = (api ?? PUBLIC_APIS[forge] ?? '').replace(/\/+$/, '');
  return {
    target: { kind: forge, api: home, repository, ...authority },
    token: valueSource(token, folder),
    ...(link === undefined ? {} : { link }),
  };
}

function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username } = new URL(text);
  if (username !== '') return false;
  if (protocol === 'https:') return true;
  return protocol === 'http:' && (/^127\.\d+\.\d+\.\d+$/.test(hostname) || ['[::1]', 'localhost'].includes(hostname));
}
