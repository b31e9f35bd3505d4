import type { Stage } from '../ir/guardrail.ts';
import { codePointsBefore, type Finding, type PolicyText } from './finding.ts';
import { type InputReads, readsInput } from './input-reads.ts';

/** What is known of a request, or of its answer, when policies judge it. */
export interface PolicySubject {
  readonly stage: Stage;
  /** The client's wire API, such as `openai-chat`. */
  readonly api: string;
  readonly model: { readonly requested: string; readonly candidates: readonly string[] };
  readonly stream: boolean;
  readonly params: { readonly max_tokens?: number; readonly n?: number };
  readonly principal: {
    readonly team: string;
    readonly key_id?: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  /** Only headers that policies may see. */
  readonly http: { readonly method: string; readonly path: string; readonly headers: Readonly<Record<string, string>> };
  /** Every text of the body that is judged: those of the messages in their order, then those that stand in none. */
  readonly texts: readonly PolicyText[];
  readonly ctx: { readonly route?: string; readonly commit: string };
}

/** The parts of the input document that a policy reads. */
export type InputNeeds = Readonly<Record<(typeof SECTIONS)[number] | 'text', boolean>>;

const SECTIONS = [
  ...(['v', 'stage', 'api', 'stream', 'model', 'params', 'principal', 'http', 'messages', 'findings', 'ctx'] as const),
] as const;

/** What must stand in the input for a policy with these reads. */
export function inputNeeds(reads: InputReads): InputNeeds {
  const sections = SECTIONS.map((section) => [section, readsInput(reads, [section])]);
  const text = readsInput(reads, ['messages', '*', 'parts', '*', 'text']);
  return { ...(Object.fromEntries(sections) as Record<(typeof SECTIONS)[number], boolean>), text };
}

/** What must stand in the input for all of several policies. */
export function unitedNeeds(all: readonly InputNeeds[]): InputNeeds {
  const [only, ...others] = all;
  if (only !== undefined && others.length === 0) return only;
  const needs = SECTIONS.map((section) => [section, all.some((one) => one[section])]);
  return {
    ...(Object.fromEntries(needs) as Record<(typeof SECTIONS)[number], boolean>),
    text: all.some((one) => one.text),
  };
}

/**
 * The input document, version 1, as JSON text. `messages` holds every text of the body: what stands in no message, such
 * as the descriptions of tools, comes last as entries with the index -1, of role `tool` or `system`. It holds only the sections that are needed; the text of messages only
 * where a policy reads it, so what a policy does not look at never reaches it.
 */
export function inputJson(
  subject: PolicySubject,
  findings: readonly Finding[],
  needs: InputNeeds,
  call: { readonly active: readonly string[]; readonly nowMs: number },
): string {
  const document: Record<string, unknown> = {
    active: Object.fromEntries(call.active.map((name) => [name, true])),
  };
  if (needs.v) document.v = 1;
  if (needs.stage) document.stage = subject.stage;
  if (needs.api) document.api = subject.api;
  if (needs.stream) document.stream = subject.stream;
  if (needs.model) document.model = subject.model;
  if (needs.params) document.params = subject.params;
  if (needs.principal) document.principal = subject.principal;
  if (needs.http) document.http = subject.http;
  if (needs.messages) document.messages = messages(subject.texts, needs.text);
  if (needs.findings) document.findings = findings;
  // Milliseconds are all that there is; a double cannot hold nanoseconds, and Rego compares numbers exactly.
  if (needs.ctx) document.ctx = { ...subject.ctx, now_ns: call.nowMs * 1_000_000 };
  return JSON.stringify(document);
}

interface MessageDocument {
  readonly i: number;
  readonly role: string;
  readonly parts: object[];
}

function messages(texts: readonly PolicyText[], withText: boolean): MessageDocument[] {
  const documents: MessageDocument[] = [];
  for (const { ptr, role, message, text } of texts) {
    let document = documents.at(-1);
    // Texts that stand in no message have one index, and the role says what they are.
    if (document === undefined || document.i !== message || document.role !== role) {
      document = { i: message, role, parts: [] };
      documents.push(document);
    }
    const len = codePointsBefore(text, text.length);
    document.parts.push({ ptr, type: 'text', len, trust: trustOf(role), ...(withText ? { text } : {}) });
  }
  return documents;
}

/** Who is behind a text: what is told apart to see through instructions that come in by retrieved or tool text. */
function trustOf(role: string): string {
  switch (role) {
    case 'system':
    case 'developer':
      return 'system';
    case 'assistant':
      return 'model';
    case 'tool':
    case 'function':
      return 'tool';
    default:
      return 'user';
  }
}
