import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ListenerSchema } from '../../gen/envoy/config/listener/v3/listener_pb.js';
import type { Json } from '../base/canonical-json.ts';
import { fleetListener } from './names.ts';
import { type EnvoyResource, typeUrlOf } from './resource.ts';

/** A node's own ports: name of a Fleet's listener → port. */
export type NodePorts = Readonly<Record<string, number>>;

/** The key of the node's metadata in which its bootstrap says them. */
export const NODE_PORTS_KEY = 'headgate.ports';

/** The ports that a node asks for in its metadata; what is no port is left out. */
export function nodePorts(metadata: { readonly [key: string]: Json | undefined }): NodePorts {
  const value = metadata[NODE_PORTS_KEY];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  const ports = Object.entries(value).filter(([, port]) => isPort(port));
  return Object.fromEntries(ports) as NodePorts;
}

/**
 * The resource as this node gets it: a listener for which the node has its own port listens there, anything else is
 * returned as it is.
 */
export function listenerForNode(resource: EnvoyResource, ports: NodePorts): EnvoyResource {
  if (resource.typeUrl !== typeUrlOf(ListenerSchema)) return resource;
  const name = fleetListener(resource.name);
  const port = name !== undefined && Object.hasOwn(ports, name) ? ports[name] : undefined;
  if (port === undefined) return resource;
  const listener = fromBinary(ListenerSchema, resource.bytes);
  const { address } = listener.address ?? {};
  if (address?.case === 'socketAddress') address.value.portSpecifier = { case: 'portValue', value: port };
  return { ...resource, bytes: toBinary(ListenerSchema, listener) };
}

function isPort(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536;
}
