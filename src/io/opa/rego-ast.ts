/** The parts of `opa parse --format json --json-include locations` that we read. */
export interface RegoAst {
  readonly package: { readonly path: readonly RegoTerm[]; readonly location: RegoLocation };
  readonly imports?: readonly { readonly alias?: string; readonly path: RegoTerm }[];
  readonly rules?: readonly RegoRule[];
}

export interface RegoLocation {
  readonly row: number;
  readonly col: number;
}

export interface RegoTerm {
  readonly type: string;
  readonly value: unknown;
  readonly location?: RegoLocation;
}

export interface RegoRule {
  readonly head: {
    readonly ref: readonly RegoTerm[];
    readonly key?: RegoTerm;
    readonly value?: RegoTerm;
    readonly args?: readonly RegoTerm[];
  };
  readonly location: RegoLocation;
  readonly body?: readonly { readonly location?: RegoLocation }[];
  /** What holds where the body does not. */
  readonly else?: RegoRule;
  readonly default?: boolean;
}

/** Calls `visit` for every term below a node of the tree, parents first; false from `visit` leaves its insides out. */
export function walkTerms(node: unknown, visit: (term: RegoTerm) => boolean): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) walkTerms(item, visit);
    return;
  }
  if (isTerm(node) && !visit(node)) return;
  for (const [key, member] of Object.entries(node)) if (key !== 'location') walkTerms(member, visit);
}

function isTerm(node: object): node is RegoTerm {
  return 'type' in node && 'value' in node && typeof node.type === 'string';
}
