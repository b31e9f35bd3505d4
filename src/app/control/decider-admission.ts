import { isIP } from 'node:net';
import { certificateNames, isIdentity } from '../../core/xds/certificate-names.ts';
import { isLocal, type ListenAddress } from '../../io/net/listen-address.ts';
import type { DecidersSettings } from '../settings/deciders-settings.ts';
import { parseListenAddress } from '../settings/listen-address.ts';

/** Why a caller is no decider by what its certificate says, undefined where it may be one. */
export function deciderRefusal(
  { identities }: DecidersSettings,
  isSecure: boolean,
  subjectAlternativeName: string,
): string | undefined {
  if (!isSecure) return undefined;
  const names = certificateNames(subjectAlternativeName);
  const isAllowed = names.some((name) => identities.some((identity) => isIdentity(name, identity)));
  return isAllowed ? undefined : 'the certificate is not that of a decider';
}

/**
 * An address that proxies can be told: they look up no name. Undefined for none, and without mutual TLS for one of another
 * machine: nobody proved that it is a decider's, and prompts would go there in the clear.
 */
export function proxyAddress(text: string, isSecure: boolean): ListenAddress | undefined {
  try {
    const address = parseListenAddress(text);
    if ('path' in address) return address;
    if (!isSecure && !isLocal(address)) return undefined;
    return isIP(address.host) !== 0 && address.port !== 0 ? address : undefined;
  } catch {
    return undefined;
  }
}
