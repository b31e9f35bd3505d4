/** Whether the text is an IPv4 or IPv6 address (RFC 4291, without zone and without brackets). */
export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

/** Whether the text is `ip:port` with a port from 1 to 65535; IPv6 stands in brackets. */
export function isSocketAddress(text: string): boolean {
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+)):(?<port>[0-9]{1,5})$/.exec(text);
  const { six, four, port } = match?.groups ?? {};
  if (port === undefined || port.startsWith('0') || Number(port) > 65_535) return false;
  return six === undefined ? isIpv4(four ?? '') : isIpv6(six);
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  const [head = '', tail, ...rest] = text.split('::');
  if (rest.length > 0) return false;
  const groups = [...groupsOf(head), ...groupsOf(tail ?? '')];
  const last = groups.at(-1) ?? '';
  const width = groups.length + (isIpv4(last) ? 1 : 0);
  const good = groups.every(
    (group, index) => /^[0-9a-fA-F]{1,4}$/.test(group) || (index === groups.length - 1 && tail !== '' && isIpv4(group)),
  );
  return good && (tail === undefined ? width === 8 : width <= 7);
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
