import type { ProcessingReply } from '../../src/core/exchange/messages.ts';
import { ADAPT_ROLE, HEADER, NAMESPACE } from '../../src/core/ir/wire-names.ts';
import type { Decider } from './proxy-lab.ts';

/** What a decision says to Envoy. */
export interface Script {
  readonly attemptClass: string;
  /** Clusters, in order. */
  readonly attempts: readonly string[];
  /** Engines of the pool attempts, in order. */
  readonly hosts?: readonly string[];
  /** The body for an attempt at this hop cluster, where it differs. */
  readonly adapted?: Readonly<Record<string, string>>;
  readonly stream?: boolean;
  readonly tryTimeoutMs?: number;
  /** Fails at the answer's headers. */
  readonly diesAtAnswer?: boolean;
}

/** A decider that says the same to every request, in the messages of envoy-shape. */
export function scriptDecider(script: Script, onUsage: (usage: unknown) => void = () => undefined): Decider {
  return (message, role) => {
    if (role === ADAPT_ROLE)
      return adaptReply(script, message.kind === 'request-body' ? 'request-body' : 'request-headers');
    switch (message.kind) {
      case 'request-body':
        return { reply: allow(script) };
      case 'response-headers':
        if (script.diesAtAnswer) throw new Error('dies here');
        return { reply: { kind: message.kind } };
      case 'response-trailers':
        onUsage(message.metadata.tokenUsage);
        return { reply: { kind: message.kind } };
      case 'request-headers':
      case 'response-body':
      case 'request-trailers':
        return { reply: { kind: message.kind } };
    }
  };
}

function allow(script: Script): ProcessingReply {
  const adapted = Object.fromEntries(
    Object.entries(script.adapted ?? {}).map(([hop, body]) => [hop, JSON.stringify({ body })]),
  );
  return {
    kind: 'request-body',
    clearRouteCache: true,
    setHeaders: [
      [HEADER.decision, 'dec-1'],
      [HEADER.attemptClass, script.attemptClass],
      ...(script.stream ? [[HEADER.stream, '1'] as const] : []),
      ['x-envoy-max-retries', `${script.attempts.length - 1}`],
      ['x-envoy-upstream-rq-per-try-timeout-ms', `${script.tryTimeoutMs ?? 5_000}`],
    ],
    dynamicMetadata: {
      [NAMESPACE.groups]: {
        priority_groups: script.attempts.map((cluster, index) => ({
          name: `t${index}`,
          clusters: [{ cluster_name: cluster, weight: 1 }],
        })),
      },
      [NAMESPACE.hosts]: { hosts: (script.hosts ?? []).join(',') },
      [NAMESPACE.hop]: { id: 'dec-1', ...adapted },
    },
  };
}

/** Adapted attempts all get the one body that the script has. */
function adaptReply(script: Script, kind: 'request-headers' | 'request-body'): ReturnType<Decider> {
  if (kind === 'request-headers') return { reply: { kind } };
  const bytes = new TextEncoder().encode(Object.values(script.adapted ?? {})[0] ?? '');
  const reply: ProcessingReply = {
    kind,
    setHeaders: [['content-length', `${bytes.length}`]],
    body: { kind: 'replace', bytes },
  };
  return { reply, finished: true };
}
