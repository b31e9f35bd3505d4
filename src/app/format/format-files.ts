import { sortedBy } from '../../core/base/text-order.ts';
import { type Diagnostic, diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { formatYaml } from '../../core/format/format-yaml.ts';
import { decodeText, type SourceText } from '../../core/language/decode-text.ts';
import { formatPolicies } from '../../io/opa/format-policies.ts';
import { requiredTool } from '../../io/tools/find-tool.ts';

/** A file on disk: where it is, the path by which it is called, and what it holds. */
export interface FileOnDisk {
  readonly location: string;
  readonly path: string;
  readonly form: 'yaml' | 'rego';
  readonly bytes: Uint8Array;
}

export interface FormattedFile {
  readonly file: FileOnDisk;
  readonly before: string;
  readonly after: string;
}

export interface FormattedFiles {
  /** The files that could be read, changed or not, by path. */
  readonly files: readonly FormattedFile[];
  /** Why the others could not be. */
  readonly diagnostics: readonly Diagnostic[];
  /** Paths of files that stay as they are, because a new form could not say the same. */
  readonly kept: readonly string[];
}

/** opa formats a tree of a thousand policies in seconds. */
const OPA_TIMEOUT_MS = 60_000;

/** Documents and policies in the one form. Nothing is written. Throws where policies are among them and opa is missing. */
export async function formatFiles(files: readonly FileOnDisk[]): Promise<FormattedFiles> {
  const diagnostics: Diagnostic[] = [];
  const kept: string[] = [];
  const formatted: FormattedFile[] = [];
  const policies: Policy[] = [];
  for (const file of files) {
    const { source, diagnostics: found } = decodeText(file);
    if (source === undefined) diagnostics.push(...found);
    else if (file.form === 'rego') policies.push({ file, source });
    else {
      const result = formatYaml(source);
      if (result.kind === 'formatted') formatted.push({ file, before: textOf(file), after: result.text });
      if (result.kind === 'unreadable') diagnostics.push(...result.diagnostics);
      if (result.kind === 'kept') kept.push(file.path);
    }
  }
  const rego = await formattedPolicies(policies);
  return {
    files: sortedBy([...formatted, ...rego.formatted], ({ file }) => file.path),
    diagnostics: [...diagnostics, ...rego.diagnostics],
    kept,
  };
}

interface Policy {
  readonly file: FileOnDisk;
  readonly source: SourceText;
}

async function formattedPolicies(policies: readonly Policy[]) {
  const formatted: FormattedFile[] = [];
  const diagnostics: Diagnostic[] = [];
  if (policies.length === 0) return { formatted, diagnostics };
  const call = { opaPath: requiredTool('opa'), timeoutMs: OPA_TIMEOUT_MS };
  const texts = await formatPolicies(
    call,
    policies.map(({ source }) => source),
  );
  for (const [index, { file, source }] of policies.entries()) {
    const after = texts[index];
    if (after === undefined) diagnostics.push(notRego(source.path));
    else formatted.push({ file, before: textOf(file), after });
  }
  return { formatted, diagnostics };
}

/** With its byte order mark and line ends, so that their removal counts as a change. */
function textOf({ bytes }: FileOnDisk): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function notRego(path: string): Diagnostic {
  const start = { line: 1, column: 1 };
  const hint = '"headgate validate" says where';
  return diagnostic('HG4001', { file: path, start, end: start }, 'this Rego does not parse', { hint });
}
