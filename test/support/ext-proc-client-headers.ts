import {
  type HeaderValueOption,
  HeaderValueOption_HeaderAppendAction,
} from '../../src/gen/envoy/config/core/v3/base_pb.js';
import type { HeaderMutation } from '../../src/gen/envoy/service/ext_proc/v3/external_processor_pb.js';
import { refuse } from './ext-proc-client-refusal.ts';

export type Headers = readonly (readonly [name: string, value: string])[];

/** Envoy's default for a whole header block. */
const HEADER_BYTES_MAX = 60 * 1024;
const NEVER_SET = new Set(['host', ':authority', ':method', ':scheme', 'transfer-encoding']);
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The headers after a mutation, under the mutation rules of the generated configuration. */
export function mutatedHeaders(
  headers: Headers,
  mutation: HeaderMutation | undefined,
  mayChangeEnvoyHeaders: boolean,
): Headers {
  if (mutation === undefined) return headers;
  for (const name of mutation.removeHeaders) checkRemoval(name);
  const set = mutation.setHeaders.map((option) => setHeader(option, mayChangeEnvoyHeaders));
  const replaced = new Set([...mutation.removeHeaders, ...set.map(([name]) => name)]);
  const result = [...headers.filter(([name]) => !replaced.has(name)), ...set];
  const bytes = result.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > HEADER_BYTES_MAX) refuse('headers-too-large', `${bytes} bytes`);
  return result;
}

/** The headers of an immediate response, which replaces nothing. */
export function immediateHeaders(mutation: HeaderMutation | undefined): Headers {
  return mutatedHeaders([], mutation, false);
}

function checkRemoval(name: string): void {
  if (name.startsWith(':') || name === 'host') refuse('forbidden-header', `removes ${name}`);
}

function setHeader(option: HeaderValueOption, mayChangeEnvoyHeaders: boolean): readonly [string, string] {
  const name = option.header?.key ?? '';
  if (option.header?.value) refuse('value-instead-of-raw-value', name);
  if (option.appendAction !== HeaderValueOption_HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
    refuse('append-action', name);
  if (NEVER_SET.has(name)) refuse('forbidden-header', `sets ${name}`);
  if (name.startsWith('x-envoy-') && !mayChangeEnvoyHeaders) refuse('forbidden-header', `sets ${name}`);
  if (!/^:?[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) refuse('malformed-header', JSON.stringify(name));
  const value = utf8.decode(option.header?.rawValue);
  if (/[\0\r\n]/.test(value)) refuse('malformed-header', `the value of ${name}`);
  return [name, value];
}

export function headerOf(headers: Headers, name: string): string | undefined {
  return headers.find(([other]) => other === name)?.[1];
}

/** A body that was replaced, or a content-length that was set, must leave the two in agreement. */
export function checkContentLength(headers: Headers, body: Uint8Array): void {
  const length = headerOf(headers, 'content-length');
  if (length !== undefined && Number(length) !== body.length) {
    refuse('content-length-mismatch', `content-length ${length}, body ${body.length}`);
  }
}
