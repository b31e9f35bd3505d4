import { assert, present } from '../../src/core/base/assert.ts';
import { type Channel, DELTA_ADS } from '../../src/core/xds/channel.ts';
import { nextSnapshot, type Snapshot } from '../../src/core/xds/snapshot.ts';
import { step } from '../../src/core/xds/step.ts';
import {
  type Closing,
  type DeltaRequest,
  NEW_STREAM,
  type Reply,
  type Report,
  type SotwRequest,
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

export const SOTW_ADS: Channel = { ...DELTA_ADS, variant: 'sotw' };

/**
 * One stream of the machine, driven by hand. What is sent comes back as text: the type, `name@version` for each resource,
 * `~name@version` for each that is only renewed, and `-name` for each removal, as in `cluster a@1 -b`.
 */
export class XdsScript {
  readonly reports: Report[] = [];
  closing: Closing | undefined;
  #stream: Stream;
  #snapshot: Snapshot | undefined;
  #nowMs = 0;
  /** The responses that are not answered yet, oldest first. */
  readonly #unanswered: Reply[] = [];
  /** Of each type, the nonce of the last response. */
  readonly #nonces = new Map<string, string>();
  /** Whether its requests carry no node id. */
  isAnonymous = false;
  /** Whether it drops resources that are not renewed. */
  expires = false;

  constructor(channel: Channel = DELTA_ADS) {
    this.#stream = { ...NEW_STREAM, channel };
  }

  /** A stream to which a revision is offered. */
  static of(content: Content, channel?: Channel): XdsScript {
    const script = new XdsScript(channel);
    script.publish(content);
    return script;
  }

  /** The version that the last response told. */
  version = '';

  get stream(): Stream {
    return this.#stream;
  }

  /** Each publication is a revision of its own: r1, r2, ... */
  publish(content: Content, ttlMs?: number): string[] {
    const resources = Object.entries(content).map(([type, versions]) => {
      const list = Object.entries(versions).map(([name, version]) => ({
        name,
        version,
        bytes: new Uint8Array([1]),
        ...(ttlMs === undefined ? {} : { ttlMs }),
      }));
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
      ...fields,
    };
    this.#identify();
    return this.#take({ kind: 'request', request });
  }

  /** A state-of-the-world request: with the last nonce of the type it answers what is out. */
  sotw(type: TypeName | '', names: readonly string[] = [], fields: Partial<SotwRequest> = {}): string[] {
    const typeUrl = type === '' ? '' : TYPE_URLS[type];
    this.#identify();
    const nonce = this.#nonces.get(typeUrl) ?? '';
    return this.#take({ kind: 'sotw-request', request: { typeUrl, nonce, names, version: '', ...fields } });
  }

  /** Nothing is offered any more. */
  withdraw(): string[] {
    return this.#take({ kind: 'withdrawn' });
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
    assert(this.#stream.kind === 'open', 'the stream is open');
    const next = new XdsScript(this.#stream.channel);
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

  #identify(): void {
    if (this.isAnonymous || this.#stream.kind === 'closed' || this.#stream.isIdentified) return;
    this.#stream = step(this.#stream, { kind: 'identified', expires: this.expires }, this.#nowMs).stream;
  }

  #take(event: StreamEvent): string[] {
    const result = step(this.#stream, event, this.#nowMs);
    this.#stream = result.stream;
    this.closing ??= result.closing;
    this.reports.push(...result.reports);
    this.#unanswered.push(...result.replies);
    for (const { typeUrl, nonce, systemVersion } of result.replies) {
      this.#nonces.set(typeUrl, nonce);
      this.version = systemVersion;
    }
    return result.replies.map(shown);
  }
}

function shown(reply: Reply): string {
  const mark = reply.form === 'heartbeat' ? '~' : '';
  const upserts = reply.resources.map((resource) => `${mark}${resource.name}@${resource.version}`);
  return [typeName(reply.typeUrl), ...upserts, ...reply.removed.map((name) => `-${name}`)].join(' ');
}

function typeName(typeUrl: string): TypeName {
  const found = Object.entries(TYPE_URLS).find(([, url]) => url === typeUrl);
  return present(found, 'a known type')[0] as TypeName;
}
