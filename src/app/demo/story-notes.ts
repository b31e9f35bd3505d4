/** What one step leaves for later ones. */
export interface StoryNotes {
  /** A decision of each kind, by what became of its request. */
  readonly decisions: Map<string, string>;
  /** The commit that split the traffic, and the digest that was live before it. */
  split?: { readonly commit: string; readonly digestBefore: string };
  /** The commit that Envoy refused. */
  refusedCommit?: string;
}

export function createNotes(): StoryNotes {
  return { decisions: new Map() };
}
