import { resolve } from 'node:path';
import { z } from 'zod';
import { type IdentityPattern, identityPattern } from '../../core/xds/certificate-names.ts';

/** Mutual TLS of xDS and ext_proc: where its files are, which are read again when they change, and who may be what. */
export interface TlsSettings {
  readonly files: TlsFiles;
  /** Who may speak for a cluster, by its name. Of a cluster that is not named here the holder of its DNS name. */
  readonly identities: ReadonlyMap<string, readonly IdentityPattern[]>;
}

/** Absolute paths of PEM files. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  /** Who signs the certificates of the proxies. */
  readonly clientAuthority: string;
}

const pattern = z.string().refine((text) => identityPattern(text) !== undefined, {
  error: 'write a DNS name, *.NAME, a URI such as spiffe://prod/edge, or URI/*',
});

export const tlsShape = z
  .strictObject({
    certificate: z.string().min(1).meta({ description: 'PEM file: the certificate of headgate.' }),
    key: z.string().min(1).meta({ description: 'PEM file: its private key.' }),
    clientAuthority: z.string().min(1).meta({ description: 'PEM file: who signs the certificates of the proxies.' }),
    identities: z
      .record(z.string().min(1), z.array(pattern))
      .default({})
      .meta({ description: 'Who may speak for a cluster, by the DNS names and URIs of certificates.' }),
  })
  .optional();

/** @param folder of the settings file, to which paths are relative */
export function tlsSettings(
  { identities, ...files }: NonNullable<z.infer<typeof tlsShape>>,
  folder: string,
): TlsSettings {
  const locate = (path: string) => resolve(folder, path);
  const patterns = Object.entries(identities).map(
    ([cluster, texts]) => [cluster, texts.flatMap((text) => identityPattern(text) ?? [])] as const,
  );
  return {
    files: {
      certificate: locate(files.certificate),
      key: locate(files.key),
      clientAuthority: locate(files.clientAuthority),
    },
    identities: new Map(patterns),
  };
}
