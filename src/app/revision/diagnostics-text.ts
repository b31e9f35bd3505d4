import type { Diagnostic } from '../../core/diagnostics/diagnostic.ts';
import { renderText } from '../../core/diagnostics/render-text.ts';
import type { SourceFile } from '../../io/git/source-file.ts';

/** Diagnostics as text, each with its lines of the source. */
export function diagnosticsText(
  diagnostics: readonly Diagnostic[],
  files: readonly SourceFile[],
  colour = false,
): string {
  const sources = new Map(files.map((file) => [file.path, file]));
  const decoder = new TextDecoder();
  return renderText(diagnostics, {
    colour,
    sourceText: (path) => {
      const file = sources.get(path);
      return file === undefined ? undefined : decoder.decode(file.bytes);
    },
  });
}
