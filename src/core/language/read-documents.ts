import { closestWord } from '../base/closest-word.ts';
import { perObject } from '../base/remember.ts';
import { type Diagnostic, diagnostic, hasErrors, type Span } from '../diagnostics/diagnostic.ts';
import { locate, type YamlSource } from '../diagnostics/locate.ts';
import { replaceWith } from '../diagnostics/replace-with.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { shapeDiagnostics } from './check-shape.ts';
import { unbuiltKind, unbuiltParts } from './check-unbuilt.ts';
import type { SourceText } from './decode-text.ts';
import type { Declaration, Document, Documents } from './document.ts';
import { API_VERSION } from './kind.ts';
import { BUILT_KINDS, isKind, KINDS, type Kind } from './kinds.ts';
import { type ParsedDocument, parseYaml } from './parse-yaml.ts';
import { plainValue } from './plain-value.ts';

/** Documents with what is wrong with them. */
export type ReadDocuments = Documents & { readonly diagnostics: readonly Diagnostic[] };

/** The documents of known shape in one YAML file. What is wrong becomes diagnostics; nothing is thrown. */
export const readFileDocuments = perObject((file: SourceText): ReadDocuments => {
  const documents: Document[] = [];
  const declarations: Declaration[] = [];
  const parsed = parseYaml(file);
  const diagnostics: Diagnostic[] = [...parsed.diagnostics];
  const broken = hasErrors(parsed.diagnostics);
  let complete = !broken || parsed.documents.length > 0;
  for (const document of parsed.documents) {
    const read = readDocument(document, broken);
    diagnostics.push(...read.diagnostics);
    if (read.document !== undefined) documents.push(read.document);
    if (read.declaration === undefined) complete = false;
    else declarations.push(read.declaration);
  }
  return { documents, declarations, complete, diagnostics };
});

/** Reads the YAML files of a tree into documents of known shape; a text that was read before is not read again. */
export function readDocuments(files: readonly SourceText[]): ReadDocuments {
  const read = files.map(readFileDocuments);
  return {
    documents: read.flatMap(({ documents }) => documents),
    declarations: read.flatMap(({ declarations }) => declarations),
    complete: read.every(({ complete }) => complete),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
  };
}

interface ReadDocument {
  readonly document?: Document;
  readonly declaration?: Declaration;
  readonly diagnostics: readonly Diagnostic[];
}

/** Of a file with a syntax error only the names count: the shape of what the parser guessed is nobody's mistake. */
function readDocument(parsed: ParsedDocument, brokenFile: boolean): ReadDocument {
  const { source } = parsed;
  const { value, diagnostics } = plainValue(parsed);
  const declaration = declarationOf(source, value);
  const declared = declaration === undefined ? {} : { declaration };
  if (brokenFile) return { ...declared, diagnostics };
  const envelope = envelopeProblem(source, value);
  if (envelope !== undefined) return { ...declared, diagnostics: [...diagnostics, envelope] };
  const kind = (value as { kind: Kind }).kind;
  const shaped = shapeDocument(kind, source, value);
  if (shaped.document === undefined || diagnostics.length > 0) {
    return { ...declared, diagnostics: [...diagnostics, ...shaped.diagnostics] };
  }
  return { ...declared, document: shaped.document, diagnostics: [] };
}

function shapeDocument(kind: Kind, source: YamlSource, value: unknown): ReadDocument {
  const { schema, built } = KINDS[kind];
  const parsed = schema.safeParse(value, { reportInput: false });
  const unbuilt = built ? [...unbuiltParts(schema, value, { source, path: [] })] : [unbuiltKind(source, kind)];
  if (!parsed.success) {
    return { diagnostics: [...unbuilt, ...shapeDiagnostics({ source, value, schema }, parsed.error.issues)] };
  }
  if (unbuilt.length > 0) return { diagnostics: unbuilt };
  const metadata: { name: string; labels?: Record<string, string> } = parsed.data.metadata;
  const { name, labels = {} } = metadata;
  const document = { kind, name, spec: parsed.data.spec, labels, source } as Document;
  return { document, diagnostics: [] };
}

/** What stops us from knowing the kind at all. */
function envelopeProblem(source: YamlSource, value: unknown): Diagnostic | undefined {
  const root = locate(source, []);
  if (
    value === null ||
    typeof value !== 'object' ||
    Array.isArray(value) ||
    !('kind' in value || 'apiVersion' in value)
  ) {
    const hint = 'list files that are not headgate documents in .headgateignore';
    return diagnostic('HG2001', root, 'not a headgate document: it has no apiVersion and no kind', { hint });
  }
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown };
  if (apiVersion === undefined) {
    return missingVersion(source, root);
  }
  if (apiVersion !== API_VERSION) {
    const span = locate(source, ['apiVersion']);
    const message = `unknown apiVersion ${quoted(String(apiVersion))}`;
    return diagnostic('HG2009', span, message, replaceWith(span, API_VERSION));
  }
  if (kind === undefined) {
    return diagnostic('HG2003', root, 'missing key "kind"', { hint: `add \`kind: ${BUILT_KINDS.join('|')}\`` });
  }
  return isKind(kind) ? undefined : kindProblem(source, String(kind));
}

/** The line can be put in front where the document is a block whose keys begin their lines. */
function missingVersion(source: YamlSource, root: Span): Diagnostic {
  const line = `apiVersion: ${API_VERSION}`;
  const { members, isBlock: isWide } = source.root;
  const isBlock = members !== undefined && isWide === true && root.start.column === 1;
  const fix = isBlock ? [{ span: { ...root, end: root.start }, replacement: `${line}\n` }] : undefined;
  return diagnostic('HG2003', root, 'missing key "apiVersion"', { hint: `add \`${line}\``, fix });
}

function kindProblem(source: YamlSource, kind: string): Diagnostic {
  const span = locate(source, ['kind']);
  const near = closestWord(kind, Object.keys(KINDS));
  const more = near === undefined ? { hint: `one of: ${BUILT_KINDS.join(', ')}` } : replaceWith(span, near);
  return diagnostic('HG2010', span, `unknown kind ${quoted(kind)}`, more);
}

function declarationOf(source: YamlSource, value: unknown): Declaration | undefined {
  const name = member(member(value, 'metadata'), 'name');
  if (typeof name !== 'string') return undefined;
  const kind = member(value, 'kind');
  const aliases = member(member(value, 'spec'), 'aliases');
  const texts = Array.isArray(aliases) ? aliases.filter((item) => typeof item === 'string') : [];
  return { ...(isKind(kind) ? { kind } : {}), name, aliases: texts, source };
}

function member(value: unknown, key: string): unknown {
  const object = value !== null && typeof value === 'object';
  return object && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
