import type { Diagnostic } from './diagnostic.ts';
import { renderGithub } from './render-github.ts';
import { renderGitlab } from './render-gitlab.ts';
import { renderJson } from './render-json.ts';
import { renderJunit } from './render-junit.ts';
import { renderSarif } from './render-sarif.ts';

/** What programs read; people read `renderText`. */
export const MACHINE_FORMATS = ['json', 'github', 'gitlab', 'sarif', 'junit'] as const;
export type MachineFormat = (typeof MACHINE_FORMATS)[number];

/** What a report says beside the diagnostics. */
export interface ReportContext {
  /** The version of headgate. */
  readonly version: string;
  /** Where the tree is below the root of the repository, `examples/quickstart`; empty where it is the root itself. */
  readonly folder: string;
}

/** A whole report, also where there is nothing to say. */
export function renderReport(
  format: MachineFormat,
  diagnostics: readonly Diagnostic[],
  context: ReportContext,
): string {
  const { version, folder } = context;
  switch (format) {
    case 'json':
      return renderJson(diagnostics);
    case 'github':
      return renderGithub(diagnostics, folder);
    case 'gitlab':
      return renderGitlab(diagnostics, folder);
    case 'sarif':
      return renderSarif(diagnostics, version, folder);
    case 'junit':
      return renderJunit(diagnostics, folder);
  }
}
