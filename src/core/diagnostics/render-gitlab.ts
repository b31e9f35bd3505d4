import { digestOfText } from '../base/digest.ts';
import type { Diagnostic } from './diagnostic.ts';
import { repositoryPath } from './repository-path.ts';
import { visibleText } from './visible-text.ts';

/** GitLab's code quality report: a list of findings, shown in the merge request. */
export function renderGitlab(diagnostics: readonly Diagnostic[], folder: string): string {
  const seen = new Map<string, number>();
  const findings = diagnostics.map(({ code, severity, message, span, hint }) => {
    const path = repositoryPath(folder, span.file);
    const same = `${code}\0${path}\0${message}`;
    const occurrence = seen.get(same) ?? 0;
    seen.set(same, occurrence + 1);
    const fix = hint === undefined ? '' : ` (fix: ${visibleText(hint)})`;
    return {
      description: `${visibleText(message)}${fix}`,
      check_name: code,
      fingerprint: fingerprint(same, occurrence),
      severity: severity === 'error' ? 'major' : 'minor',
      location: { path, lines: { begin: span.start.line, end: span.end.line } },
    };
  });
  return `${JSON.stringify(findings, null, 2)}\n`;
}

/** Without the line: a finding that only moved is the same one. */
function fingerprint(same: string, occurrence: number): string {
  return digestOfText(`${same}\0${occurrence}`).slice('sha256:'.length);
}
