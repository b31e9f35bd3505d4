import { digestOfText } from '../base/digest.ts';
import { type LoadedRevision, loadedRevision } from '../decide/loaded-revision.ts';
import { prepareRevision } from '../decide/revision.ts';
import type { Ir } from '../ir/ir.ts';
import type { PolicyIndex } from '../policy/policy-index.ts';
import { prove } from '../prove/prove.ts';
import { buildTables } from '../tables/build-tables.ts';
import { judgeCase } from './judge-case.ts';
import type { TestedRevision } from './run-tests.ts';

/** Whether a case or a proof of the tree does not hold. */
export function notices({ ir, loaded, index }: TestedRevision): boolean {
  if (ir.tests.some((testCase) => judgeCase({ ir, loaded }, testCase).length > 0)) return true;
  return ir.proofs.some((proof) => ['refuted', 'unknown'].includes(prove(loaded, index, proof).kind));
}

/** A revision with the same policies and another model; its digest and commit mean nothing. */
export function withModel(ir: Ir, index: PolicyIndex, { evaluate }: LoadedRevision): TestedRevision {
  const revision = prepareRevision(digestOfText('mutant'), 'mutant', buildTables(ir));
  return { ir, index, loaded: loadedRevision(revision, index, evaluate) };
}
