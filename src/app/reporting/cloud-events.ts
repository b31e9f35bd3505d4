import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '../../io/forge/send-event.ts';
import type { Notice } from './reporter.ts';

/** What is said of a diagnostic to others: its place and its words, no line of the source. */
export interface ToldFinding {
  readonly code: string;
  readonly severity: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** More than anybody reads in a chat; `findingsTotal` says how many there are. */
const FINDINGS_MAX = 20;
/** Envoy's words of a refusal go on for pages. */
const MESSAGE_CHARS_MAX = 1_000;

/** The notice as JSON: `data` of an event, and the entry of the audit file. */
export function noticeData(notice: Notice): object {
  if (!('findings' in notice)) return notice;
  const told = notice.findings.slice(0, FINDINGS_MAX).map(
    ({ code, severity, message, span: { file, start } }): ToldFinding => ({
      ...{ code, severity, file, line: start.line, column: start.column },
      message: message.slice(0, MESSAGE_CHARS_MAX),
    }),
  );
  return { ...notice, diagnostics: undefined, findings: told, findingsTotal: notice.findings.length };
}

/** `dev.headgate.revision.serving.v1` about a commit, or `dev.headgate.source.suspended.v1`, from this installation. */
export function cloudEvent(notice: Notice, installation: string, nowMs: number): CloudEvent {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: `/headgate/${installation}`,
    type: `dev.headgate.${notice.about}.${notice.kind}.v1`,
    subject: 'commit' in notice ? notice.commit : notice.about,
    time: new Date(nowMs).toISOString(),
    datacontenttype: 'application/json',
    data: noticeData(notice),
  };
}
