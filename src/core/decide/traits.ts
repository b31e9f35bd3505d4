import { hash32 } from '../base/rng.ts';
import type { Capability } from '../ir/model.ts';
import { estimatePromptTokens, type Facts } from './facts.ts';
import type { RecordedHeaders } from './record.ts';
import type { Revision } from './revision.ts';

/** What a decision knows of a request when no word of its text is left: all but what its policies said of the text. */
export interface RequestTraits {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly header: (name: string) => string | undefined;
  /** What a record keeps of the headers. */
  readonly headers: RecordedHeaders;
  /** As the client wrote it. */
  readonly model: string;
  readonly stream: boolean;
  /** How many answers are asked for. */
  readonly choices: number;
  readonly promptTokens: number;
  readonly outputTokensMax?: number;
  /** What an offer's model must be able to do. */
  readonly needs: readonly Capability[];
  readonly bodyBytes: number;
  /** `hash32` of the session that the client named, in hexadecimal: what a split is stable in, with the id in its place. */
  readonly session?: string;
}

const SESSION_HEADER = 'headgate-session';

export function traitsOf({ id, method, path, header, body, request }: Facts, revision: Revision): RequestTraits {
  const session = header(SESSION_HEADER);
  return {
    id,
    method,
    path,
    header,
    headers: recordedHeaders(revision, header),
    model: request.model,
    stream: request.stream,
    choices: request.choices,
    promptTokens: estimatePromptTokens(request),
    ...(request.outputTokensMax === undefined ? {} : { outputTokensMax: request.outputTokensMax }),
    needs: [
      ...(request.stream ? (['streaming'] as const) : []),
      ...(request.usesTools ? (['tools'] as const) : []),
      ...(request.usesJsonSchema ? (['jsonSchema'] as const) : []),
      ...(request.usesVision ? (['vision'] as const) : []),
    ],
    bodyBytes: body.length,
    // An empty session is none: else all who send it would share one arm of every split.
    ...(session === undefined || session === '' ? {} : { session: hash32(session).toString(16) }),
  };
}

/**
 * What a record keeps of the headers that routes look at. A value that a route names is no secret; of any other one
 * only a hash is kept, enough to tell later whether it was a value that another revision names.
 */
function recordedHeaders(revision: Revision, header: RequestTraits['header']): RecordedHeaders {
  const kept: Record<string, string | number | null> = {};
  for (const [name, values] of revision.matchHeaders) {
    kept[name] = recordedValue(header(name), values);
  }
  return kept;
}

function recordedValue(value: string | undefined, values: ReadonlySet<string>): string | number | null {
  if (value === undefined) return null;
  return values.has(value) ? value : hash32(value);
}
