import type { IncomingHttpHeaders } from 'node:http';
import { isLocal } from '../../io/net/listen-address.ts';

/**
 * Why a request comes from a page in a browser of this machine, which loopback lets through; undefined where it does
 * not. A page writes its origin where it changes something, and a name that it made point to loopback stays in `Host`.
 */
export function foreignCaller(headers: IncomingHttpHeaders): string | undefined {
  if (headers.origin !== undefined) return 'pages have no access';
  const name = (headers.host ?? '').replace(/:[0-9]*$/, '').replace(/^\[|\]$/g, '');
  if (name === 'localhost' || isLocal({ host: name, port: 0 })) return undefined;
  return 'ask by a loopback address or by the name localhost';
}
