import type { Digest } from '../../core/base/digest.ts';
import { perObject } from '../../core/base/remember.ts';
import type { Ir } from '../../core/ir/ir.ts';
import type { PolicyIndex } from '../../core/policy/policy-index.ts';
import { buildTables } from '../../core/tables/build-tables.ts';
import { revisionDigest } from '../../core/tables/revision-digest.ts';
import type { Tables } from '../../core/tables/tables.ts';
import type { PolicyBuild } from './policy-build.ts';

/** A compiled revision: everything that serving it needs, and no secret. */
export interface Bundle {
  readonly digest: Digest;
  /** The commit that brought it first; others may mean the same. */
  readonly commit: string;
  readonly ir: Ir;
  readonly tables: Tables;
  /** Instrumented; empty when no guardrail is bound. */
  readonly wasm: Uint8Array;
  readonly policyIndex: PolicyIndex;
}

/** The bundle of a model and its compiled policies. */
export function bundleOf(ir: Ir, { wasm, index }: Pick<PolicyBuild, 'wasm' | 'index'>, commit: string): Bundle {
  const tables = buildTables(ir);
  return {
    digest: contentDigest({ ir, tables, wasm, policyIndex: index }),
    commit,
    ir,
    tables,
    wasm,
    policyIndex: index,
  };
}

/**
 * The digest of all by which requests are decided. Where a rule stands, and in which text, is not in it: a comment makes no
 * other revision.
 */
export function contentDigest({ ir, tables, wasm, policyIndex }: Omit<Bundle, 'digest' | 'commit'>): Digest {
  const asked = Object.entries(policyIndex.guardrails).map(([name, { rules, reads }]) => [name, { rules, reads }]);
  return revisionDigest(ir, tables, wasm, Object.fromEntries(asked));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bundle as named parts, for the disk. The tables are a function of the IR and are made anew. */
export function bundleParts(bundle: Bundle): Record<string, Uint8Array> {
  return {
    'ir.json': encoder.encode(irText(bundle.ir)),
    'policy.json': encoder.encode(JSON.stringify(bundle.policyIndex)),
    'policy.wasm': bundle.wasm,
  };
}

/** As JSON.stringify gives it; a node that is the same one as in another model is written out once. */
function irText(ir: Ir): string {
  const lists = Object.entries(ir).map(([name, nodes]) => `"${name}":[${nodes.map(nodeText).join()}]`);
  return `{${lists.join()}}`;
}

const nodeText = perObject((node: Ir[keyof Ir][number]) => JSON.stringify(node));

/** The inverse of bundleParts. The parts are ours and their hashes were checked when they were read. */
export function bundleOfParts(digest: Digest, commit: string, parts: Readonly<Record<string, Uint8Array>>): Bundle {
  const ir = JSON.parse(decoder.decode(parts['ir.json'])) as Ir;
  return {
    digest,
    commit,
    ir,
    tables: buildTables(ir),
    wasm: parts['policy.wasm'] ?? new Uint8Array(0),
    policyIndex: JSON.parse(decoder.decode(parts['policy.json'])) as PolicyIndex,
  };
}
