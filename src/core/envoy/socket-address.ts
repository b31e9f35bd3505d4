import type { AddressJson } from '../../gen/envoy/config/core/v3/address_pb.js';
import { assert } from '../base/assert.ts';

/** A TCP address; an IPv6 host comes with or without its brackets. */
export function socketAddress(host: string, port: number): AddressJson {
  return { socketAddress: { address: withoutBrackets(host), portValue: port } };
}

/** The address of `ip:port` or `[ip]:port`. */
export function hostPortAddress(hostPort: string): AddressJson {
  const colon = hostPort.lastIndexOf(':');
  const port = Number(hostPort.slice(colon + 1));
  assert(colon > 0 && Number.isInteger(port) && port > 0 && port < 65_536, `no ip:port: ${hostPort}`);
  return socketAddress(hostPort.slice(0, colon), port);
}

export function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

/** True for an address literal: it needs no DNS, and its certificate names an address. */
export function isIpAddress(host: string): boolean {
  return host.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}
