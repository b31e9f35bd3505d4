import { assert, present } from '../../src/core/base/assert.ts';
import { nextSnapshot, type Snapshot } from '../../src/core/xds/snapshot.ts';
import { step } from '../../src/core/xds/step.ts';
import {
  type Closing,
  type DeltaRequest,
  NEW_STREAM,
  type Reply,
  type Report,
  type Stream,
  type StreamEvent,
} from '../../src/core/xds/stream.ts';
import { doubtsOf } from '../../src/core/xds/stream-status.ts';
import { TYPE_URL } from '../../src/core/xds/type-url.ts';

/** Short names of types; `custom` stands for a type that the machine does not know. */
const TYPE_URLS = { ...TYPE_URL, custom: 'type.googleapis.com/a.Custom' } as const;
export type TypeName = keyof typeof TYPE_URLS;

/** Version by name, by type. */
export type Content = { readonly [type in TypeName]?: Readonly<Record<string, string>> };

const NODE = { id: 'proxy', cluster: 'edge', metadata: {}, userAgent: 'script', version: undefined };

/**
 * One stream of the machine, driven by hand. What is sent comes back as text: the type, `name@version` for each resource
 * and `-name` for each removal, as in `cluster a@1 -b`.
 */
export class XdsScript {
  readonly reports: Report[] = [];
  closing: Closing | undefined;
  #stream: Stream = NEW_STREAM;
  #snapshot: Snapshot | undefined;
  #nowMs = 0;
  /** The responses that are not answered yet, oldest first. */
  readonly #unanswered: Reply[] = [];
  #isNodeSent = false;

  /** A stream to which a revision is offered. */
  static of(content: Content): XdsScript {
    const script = new XdsScript();
    script.publish(content);
    return script;
  }

  /** Each publication is a revision of its own: r1, r2, ... */
  publish(content: Content): string[] {
    const resources = Object.entries(content).map(([type, versions]) => {
      const list = Object.entries(versions).map(([name, version]) => ({ name, version, bytes: new Uint8Array([1]) }));
      return [TYPE_URLS[type as TypeName], list] as const;
    });
    const revision = `r${(this.#snapshot?.generation ?? 0) + 1}`;
    this.#snapshot = nextSnapshot(this.#snapshot, { revision, resources: new Map(resources) });
    return this.#take({ kind: 'snapshot', snapshot: this.#snapshot });
  }

  request(type: TypeName | '', fields: Partial<DeltaRequest> = {}): string[] {
    const request: DeltaRequest = {
      typeUrl: type === '' ? '' : TYPE_URLS[type],
      nonce: '',
      subscribe: [],
      unsubscribe: [],
      initialVersions: new Map(),
      ...(this.#isNodeSent ? {} : { node: NODE }),
      ...fields,
    };
    this.#isNodeSent = true;
    return this.#take({ kind: 'request', request });
  }

  /** Acknowledges the oldest unanswered response of a type. */
  ack(type: TypeName, fields: Partial<DeltaRequest> = {}): string[] {
    return this.request(type, { ...fields, nonce: this.#answer(type).nonce });
  }

  nack(type: TypeName, error: string, fields: Partial<DeltaRequest> = {}): string[] {
    return this.request(type, { ...fields, error, nonce: this.#answer(type).nonce });
  }

  /** Acknowledges everything, and what follows, until nothing is unanswered. */
  ackAll(): string[] {
    const sent: string[] = [];
    for (let reply = this.#unanswered[0]; reply !== undefined; reply = this.#unanswered[0]) {
      sent.push(...this.ack(typeName(reply.typeUrl)));
    }
    return sent;
  }

  wait(durationMs: number): string[] {
    this.#nowMs += durationMs;
    return this.#take({ kind: 'tick' });
  }

  /** The same proxy on a new stream, to which nothing is offered yet. */
  reconnect(): XdsScript {
    const next = new XdsScript();
    assert(this.#stream.kind === 'open', 'the stream is open');
    next.#take({ kind: 'resumed', doubts: doubtsOf(this.#stream) });
    return next;
  }

  close(): string[] {
    return this.#take({ kind: 'closed' });
  }

  /** The kinds of the reports since the last call, with what identifies each. */
  takeReports(): Report[] {
    return this.reports.splice(0);
  }

  #answer(type: TypeName): Reply {
    const index = this.#unanswered.findIndex((reply) => reply.typeUrl === TYPE_URLS[type]);
    return present(this.#unanswered.splice(index, 1)[0], `an unanswered ${type}`);
  }

  #take(event: StreamEvent): string[] {
    const result = step(this.#stream, event, this.#nowMs);
    this.#stream = result.stream;
    this.closing ??= result.closing;
    this.reports.push(...result.reports);
    this.#unanswered.push(...result.replies);
    return result.replies.map(shown);
  }
}

function shown(reply: Reply): string {
  const upserts = reply.resources.map((resource) => `${resource.name}@${resource.version}`);
  return [typeName(reply.typeUrl), ...upserts, ...reply.removed.map((name) => `-${name}`)].join(' ');
}

function typeName(typeUrl: string): TypeName {
  const found = Object.entries(TYPE_URLS).find(([, url]) => url === typeUrl);
  return present(found, 'a known type')[0] as TypeName;
}
