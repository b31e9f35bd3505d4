import { z } from 'zod';
import { type IdentityPattern, identityPattern } from '../../core/xds/certificate-names.ts';
import type { ListenAddress } from '../../io/net/listen-address.ts';
import { parseListenAddress } from './listen-address.ts';

/** Where deciders of their own get revisions, and who may be one. */
export interface DecidersSettings {
  readonly listen: ListenAddress;
  /** Of certificates; empty where none is asked for. */
  readonly identities: readonly IdentityPattern[];
}

const pattern = z.string().refine((text) => identityPattern(text) !== undefined, {
  error: 'write a DNS name, *.NAME, a URI such as spiffe://prod/decider, or URI/*',
});

export const decidersShape = z
  .strictObject({
    listen: z.string().default('127.0.0.1:18004').meta({ description: 'HOST:PORT or unix:PATH.' }),
    identities: z
      .array(pattern)
      .default([])
      .meta({ description: 'Who may be a decider, by the DNS names and URIs of certificates.' }),
  })
  .optional();

/**
 * @param isSecure whether there is mutual TLS
 * @throws Error that says what to mend: proxies send prompts to whoever registers, so with TLS it must be said who may
 */
export function decidersSettings(
  { listen, identities }: NonNullable<z.infer<typeof decidersShape>>,
  isSecure: boolean,
): DecidersSettings {
  const address = parseListenAddress(listen);
  if (isSecure && !('path' in address) && identities.length === 0) {
    throw new Error('deciders.identities: say whose certificates are those of deciders');
  }
  return { listen: address, identities: identities.flatMap((text) => identityPattern(text) ?? []) };
}
