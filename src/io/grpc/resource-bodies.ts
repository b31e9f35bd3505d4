import type { Resource } from '../../core/xds/resource.ts';

interface Body {
  readonly resources: readonly Resource[];
  readonly bytes: Uint8Array;
}

/** Bodies that begin with one resource: a fleet's first response, and what some of its proxies lack. */
const BODIES_MAX = 4;

/**
 * The resources of responses as bytes, each list of resources encoded once, whatever the number of streams that get it:
 * fields of a protobuf message may be put together in any order, so a response is its resources' bytes and a short tail.
 */
export class ResourceBodies {
  readonly #encode: (typeUrl: string, resource: Resource) => Uint8Array;
  readonly #single = new WeakMap<Resource, Uint8Array>();
  readonly #joined = new WeakMap<Resource, Body[]>();

  constructor(encode: (typeUrl: string, resource: Resource) => Uint8Array) {
    this.#encode = encode;
  }

  bytesOf(typeUrl: string, resources: readonly Resource[]): Uint8Array {
    const [first] = resources;
    if (first === undefined) return NO_BYTES;
    if (resources.length === 1) return this.#one(typeUrl, first);
    const bodies = this.#joined.get(first) ?? [];
    const known = bodies.find((body) => isSame(body.resources, resources));
    if (known !== undefined) return known.bytes;
    const bytes = Buffer.concat(resources.map((resource) => this.#one(typeUrl, resource)));
    this.#joined.set(first, [...bodies.slice(1 - BODIES_MAX), { resources, bytes }]);
    return bytes;
  }

  #one(typeUrl: string, resource: Resource): Uint8Array {
    const known = this.#single.get(resource);
    if (known !== undefined) return known;
    const bytes = this.#encode(typeUrl, resource);
    this.#single.set(resource, bytes);
    return bytes;
  }
}

const NO_BYTES = new Uint8Array();

function isSame(left: readonly Resource[], right: readonly Resource[]): boolean {
  return left.length === right.length && left.every((resource, index) => resource === right[index]);
}
