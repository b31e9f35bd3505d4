import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { CommitState, CommitStatus } from '../../io/forge/commit-status.ts';
import type { FleetProgress } from './fleet-progress.ts';

/** How a commit stands, as it is shown beside it. */
export type CommitReport = { readonly commit: string } & (
  | { readonly kind: 'validated' | 'rejected'; readonly findings: readonly Diagnostic[] }
  | { readonly kind: 'rolling-out' | 'serving'; readonly fleets: readonly FleetProgress[] }
  /** The first of the findings says why; without any it was refused before. */
  | {
      readonly kind: 'rolled-back';
      readonly fleets: readonly FleetProgress[];
      readonly findings: readonly Diagnostic[];
      /** The branch that takes the commit back. */
      readonly revert?: string;
    }
  /** A newer commit was there before this one was compiled. */
  | { readonly kind: 'passed-over'; readonly by: string }
  /** The rules of the source did not let it in. */
  | { readonly kind: 'refused'; readonly message: string }
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
    case 'refused':
      return [status('validate', 'failure', `not taken: ${report.message}`)];
    case 'passed-over':
      return [status('validate', 'error', `not looked at: superseded by ${short(report.by)}`)];
    case 'rolling-out':
    case 'serving': {
      const state = report.kind === 'serving' ? 'success' : 'pending';
      return report.fleets.map((fleet) => status(`serve/${fleet.fleet}`, state, acknowledged(fleet, commit)));
    }
    case 'rolled-back': {
      const revert = report.revert === undefined ? '' : `; ${report.revert} takes it back`;
      return report.fleets.map((fleet) =>
        status(`serve/${fleet.fleet}`, 'failure', `${rolledBack(fleet, report)}${revert}`),
      );
    }
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
  return `${counted(errors.length, 'error')}: ${withPlace(first)}`;
}

function acknowledged({ proxies, acknowledged: taken, refused, wave }: FleetProgress, commit: string): string {
  if (proxies === 0) return `no proxy is connected, ${short(commit)} is what the next one gets`;
  const waves = wave === undefined ? '' : `, wave ${wave.wave}/${wave.waves}`;
  return `${taken}/${proxies} acknowledged on ${short(commit)}${waves}, ${nacks(refused)}`;
}

function rolledBack(
  own: FleetProgress,
  { fleets, findings: [first] }: Extract<CommitReport, { kind: 'rolled-back' }>,
): string {
  if (first === undefined) return 'not served: this content was stopped before';
  const place = placeOf(first);
  if (own.refused > 0) return `rolled back: ${nacks(own.refused)}${place === '' ? '' : `, ${place}`}`;
  const others = fleets.filter(({ refused }) => refused > 0).map(({ fleet }) => fleet);
  if (others.length > 0) return `rolled back: refused in ${others.join(', ')}${place === '' ? '' : `, ${place}`}`;
  return `rolled back: ${withPlace(first)}`;
}

function withPlace(finding: Diagnostic): string {
  const place = placeOf(finding);
  return `${place === '' ? '' : `${place} `}${finding.code} ${finding.message}`;
}

function nacks(count: number): string {
  return count === 0 ? '0 NACK' : counted(count, 'NACK');
}

/** `file:line`; empty for what no line of the tree is behind. */
function placeOf({ span: { file, start } }: Diagnostic): string {
  return file.startsWith('(') ? '' : `${file}:${start.line}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function short(commit: string): string {
  return commit.slice(0, SHORT_COMMIT_CHARS);
}
