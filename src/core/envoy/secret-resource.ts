import { SecretSchema } from '../../gen/envoy/extensions/transport_sockets/tls/v3/secret_pb.js';
import { secretResourceName } from './names.ts';
import { type EnvoyResource, envoyResource } from './resource.ts';

/**
 * The SDS resource of a secret. An empty value revokes it: Envoy ignores the removal of a secret and would go on
 * sending the old one. The bytes hold the value: they are served, never stored, logged or hashed without a key.
 */
export function secretResource(secret: string, value: string): EnvoyResource {
  const json = { name: secretResourceName(secret), genericSecret: { secret: { inlineString: value } } };
  return envoyResource(SecretSchema, json, []);
}
