import type { Code } from '../../core/diagnostics/codes.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostics/diagnostic.ts';
import type { Finding, FindingKind } from '../../io/git/source-file.ts';

const FOUND: Readonly<Record<FindingKind, { readonly code: Code; readonly message: string }>> = {
  symlink: { code: 'HG1016', message: 'this is a symbolic link; write the file itself' },
  submodule: { code: 'HG1016', message: 'this is a submodule; its content is not read' },
  'not-a-file': { code: 'HG1016', message: 'this is neither a file nor a folder' },
  'lfs-pointer': { code: 'HG1016', message: 'this is a pointer to large file storage; commit the file itself' },
  'unsafe-path': { code: 'HG1016', message: 'the path holds characters that no path here may have' },
  'case-collision': { code: 'HG1016', message: 'another path differs from this one in upper and lower case alone' },
  'file-too-large': { code: 'HG1005', message: 'the file is too large' },
  'too-many-files': { code: 'HG1014', message: 'the tree has too many files' },
  'too-many-entries': { code: 'HG1014', message: 'the tree has too many entries' },
  'too-many-bytes': { code: 'HG1014', message: 'the files of the tree are too large in all' },
  'too-deep': { code: 'HG1014', message: 'folders are nested too deep' },
  'missing-directory': { code: 'HG1014', message: 'the folder that the settings name is not in this commit' },
};

/** What the source itself may not hold, as a diagnostic at its path. */
export function sourceDiagnostic(finding: Finding): Diagnostic {
  const { code, message } = FOUND[finding.kind];
  const start = { line: 1, column: 1 };
  return diagnostic(code, { file: finding.path, start, end: start }, message);
}
