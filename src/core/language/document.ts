import type { YamlSource } from '../diagnostics/locate.ts';
import type { Kind, Written } from './kinds.ts';

/** A document that has the shape of its kind, with every default filled in and its place in the files. */
export interface DocumentOf<K extends Kind> {
  readonly kind: K;
  readonly name: string;
  readonly spec: Written<K>['spec'];
  /** Empty for the kinds that carry none. */
  readonly labels: Readonly<Record<string, string>>;
  readonly source: YamlSource;
}

export type Document = { [K in Kind]: DocumentOf<K> }[Kind];

/**
 * A name that a document claims, also where the rest of the document is wrong: what refers to it is then not called
 * unknown.
 */
export interface Declaration {
  /** Absent where the kind itself is mistyped: the name then stands for every kind. */
  readonly kind?: Kind;
  readonly name: string;
  /** What clients may call it too, as far as it can be read. */
  readonly aliases: readonly string[];
  readonly source: YamlSource;
}

/** The documents of a tree, and the names that they claim. */
export interface Documents {
  readonly documents: readonly Document[];
  readonly declarations: readonly Declaration[];
  /** Whether every document told its name: only then is a name that nobody claims unknown for certain. */
  readonly complete: boolean;
}
