/** One thing that a check does not let pass. */
export interface Finding {
  /** Relative to the repository. */
  readonly file: string;
  /** From 1; absent where the file as a whole is meant. */
  readonly line?: number;
  readonly message: string;
}

/** `file:line: message`, which editors and terminals turn into a link. */
export function findingText({ file, line, message }: Finding): string {
  return line === undefined ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}

/** A text of the repository that a rule reads. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** A finding for each line of the text that the pattern matches. */
export function lineFindings({ path, text }: TextFile, pattern: RegExp, message: string): Finding[] {
  return text
    .split('\n')
    .flatMap((content, index) => (pattern.test(content) ? [{ file: path, line: index + 1, message }] : []));
}
