import type { Endpoint } from '../ir/upstream.ts';

const DEFAULT_PORTS = { https: 443, http: 80 };

/** The parts of a provider's endpoint, or what is wrong with it. */
export function parseEndpoint(text: string): Endpoint | { readonly problem: string } {
  if (!URL.canParse(text)) return { problem: 'it is not a URL' };
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { problem: 'its scheme is not https' };
  if (url.username !== '' || url.password !== '') return { problem: 'it holds a user or a password' };
  if (text.includes('?') || text.includes('#')) return { problem: 'it holds a query or a fragment' };
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const port = Number(url.port === '' ? DEFAULT_PORTS[scheme] : url.port);
  if (port === 0) return { problem: 'its port is 0' };
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { scheme, host, port, basePath: url.pathname.replace(/\/+$/, '') };
}
