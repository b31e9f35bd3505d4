import type { ListenAddress } from '../../io/net/listen-address.ts';

class ListenAddressError extends Error {
  override readonly name = 'ListenAddressError';
  readonly code = 'listen-address';
}

/** Reads `HOST:PORT`, with an IPv6 host in brackets, or `unix:PATH`. Port 0 lets the system choose. */
export function parseListenAddress(text: string): ListenAddress {
  if (text.startsWith('unix:')) return { path: text.slice('unix:'.length) };
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) throw new ListenAddressError(`"${text}" is not HOST:PORT or unix:PATH`);
  return { host: (match[1] ?? '').replace(/^\[|\]$/g, ''), port };
}
