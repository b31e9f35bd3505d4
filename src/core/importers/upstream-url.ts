/** The parts of an upstream's address that our documents need. */
export interface UpstreamUrl {
  readonly secure: boolean;
  /** With the port where it is not the usual one. */
  readonly host: string;
  /** `ip:port` where the host is an IPv4 address: such an upstream can be an engine of a pool. */
  readonly address?: string;
  /** Without a slash at its end. */
  readonly url: string;
}

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** Undefined for what is no http or https address, such as one with variables in it. */
export function upstreamUrl(text: string): UpstreamUrl | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '') return undefined;
  const secure = url.protocol === 'https:';
  const usual = secure ? '443' : '80';
  return {
    secure,
    host: url.host,
    ...(IPV4.test(url.hostname) ? { address: `${url.hostname}:${url.port || usual}` } : {}),
    url: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`,
  };
}
