import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { CommitState, CommitStatus } from '../../io/forge/commit-status.ts';
import type { FleetProgress } from './fleet-progress.ts';

/** How a commit stands, as it is shown beside it. */
export type CommitReport = { readonly commit: string } & (
  | { readonly kind: 'validated' | 'rejected'; readonly findings: readonly Diagnostic[] }
  | { readonly kind: 'rolling-out' | 'serving'; readonly fleets: readonly FleetProgress[] }
  /** `why` in a few words where no proxy refused it; without `findings` it was refused before. */
  | {
      readonly kind: 'rolled-back';
      readonly fleets: readonly FleetProgress[];
      readonly findings: readonly Diagnostic[];
      readonly why?: string;
    }
  | { readonly kind: 'superseded'; readonly by: string; readonly fleets: readonly FleetProgress[] }
);

export interface StatusNaming {
  readonly installation: string;
  /** `{commit}` in it stands for the id. */
  readonly link?: string;
}

/** As people write a commit. */
const SHORT_COMMIT_CHARS = 7;

/**
 * The statuses that say it: `NAME/validate` for the tree, `NAME/serve/FLEET` for each fleet. The name of the installation
 * keeps apart what several clusters say of one commit.
 */
export function commitStatuses(report: CommitReport, { installation, link }: StatusNaming): CommitStatus[] {
  const { commit } = report;
  const status = (stage: string, state: CommitState, description: string): CommitStatus => ({
    ...{ commit, context: `${installation}/${stage}`, state, description },
    ...(link === undefined ? {} : { link: link.replaceAll('{commit}', commit) }),
  });
  switch (report.kind) {
    case 'validated':
      return [status('validate', 'success', validated(report.findings))];
    case 'rejected':
      return [status('validate', 'failure', rejected(report.findings))];
    case 'rolling-out':
    case 'serving': {
      const state = report.kind === 'serving' ? 'success' : 'pending';
      return report.fleets.map((fleet) => status(`serve/${fleet.fleet}`, state, acknowledged(fleet, commit)));
    }
    case 'rolled-back':
      return report.fleets.map((fleet) => status(`serve/${fleet.fleet}`, 'failure', rolledBack(fleet, report)));
    case 'superseded':
      return report.fleets.map(({ fleet }) => status(`serve/${fleet}`, 'error', `superseded by ${short(report.by)}`));
  }
}

function validated(findings: readonly Diagnostic[]): string {
  return findings.length === 0 ? 'validated' : `validated, ${counted(findings.length, 'warning')}`;
}

function rejected(findings: readonly Diagnostic[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return 'not served';
  return `${counted(errors.length, 'error')}: ${placeOf(first)} ${first.code} ${first.message}`;
}

function acknowledged({ proxies, acknowledged: taken, refused }: FleetProgress, commit: string): string {
  if (proxies === 0) return `no proxy is connected, ${short(commit)} is what the next one gets`;
  return `${taken}/${proxies} acknowledged on ${short(commit)}, ${counted(refused, 'NACK', refused !== 0 && refused !== 1)}`;
}

function rolledBack(
  own: FleetProgress,
  { fleets, findings: [first], why }: CommitReport & { kind: 'rolled-back' },
): string {
  const place = first === undefined ? '' : `, ${placeOf(first)}`;
  if (own.refused > 0) return `rolled back: ${counted(own.refused, 'NACK')}${place}`;
  if (why !== undefined) return `rolled back: ${why}${place}`;
  const others = fleets.filter(({ refused }) => refused > 0).map(({ fleet }) => fleet);
  if (others.length > 0) return `rolled back: refused in ${others.join(', ')}${place}`;
  return first === undefined ? 'not served: a proxy refused this content before' : `rolled back${place}`;
}

/** `file:line`; nothing has a line that is missing. */
function placeOf({ span: { file, start } }: Diagnostic): string {
  return file.startsWith('(') ? file : `${file}:${start.line}`;
}

function counted(count: number, what: string, isPlural = count !== 1): string {
  return `${count} ${what}${isPlural ? 's' : ''}`;
}

function short(commit: string): string {
  return commit.slice(0, SHORT_COMMIT_CHARS);
}
