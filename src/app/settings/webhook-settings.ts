import { resolve } from 'node:path';
import { z } from 'zod';
import type { ListenAddress } from '../../io/net/listen-address.ts';
import { WEBHOOK_FORGES, type WebhookForge } from '../../io/webhooks/forge-signatures.ts';
import { parseListenAddress } from './listen-address.ts';
import { type ValueSource, valueShape, valueSource } from './value-source.ts';

/** Where forges tell us of pushes, and by which secrets we know them. */
export interface WebhookSettings {
  readonly listen: ListenAddress;
  /** Absolute paths of PEM files. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly secrets: ReadonlyMap<WebhookForge, ValueSource>;
}

const file = z.string().min(1);

export const webhookShape = z
  .strictObject({
    listen: z.string().refine(isAddress, 'write HOST:PORT or unix:PATH').default('127.0.0.1:18003'),
    tls: z.strictObject({ certificate: file, key: file }).optional(),
    secrets: z
      .partialRecord(z.enum(WEBHOOK_FORGES), valueShape)
      .refine((secrets) => Object.keys(secrets).length > 0, { message: 'write the secret of a forge' }),
  })
  .optional();

/** @param folder of the settings file, to which paths are relative */
export function webhookSettings(shape: NonNullable<z.infer<typeof webhookShape>>, folder: string): WebhookSettings {
  const { listen, tls, secrets } = shape;
  const sources = WEBHOOK_FORGES.flatMap((forge) => {
    const secret = secrets[forge];
    return secret === undefined ? [] : [[forge, valueSource(secret, folder)] as const];
  });
  return {
    listen: parseListenAddress(listen),
    ...(tls === undefined
      ? {}
      : { tls: { certificate: resolve(folder, tls.certificate), key: resolve(folder, tls.key) } }),
    secrets: new Map(sources),
  };
}

function isAddress(text: string): boolean {
  try {
    parseListenAddress(text);
    return true;
  } catch {
    return false;
  }
}
