import { type LoadedRevision, loadedRevision } from '../../core/decide/loaded-revision.ts';
import { prepareRevision } from '../../core/decide/revision.ts';
import { loadPolicy } from '../../io/wasm/load-policy.ts';
import type { Bundle } from '../revision/bundle.ts';

/** Makes a bundle ready to decide: its tables as maps, its Wasm compiled. */
export async function loadBundleForDecisions(bundle: Bundle): Promise<LoadedRevision> {
  const revision = prepareRevision(bundle.digest, bundle.commit, bundle.tables);
  if (bundle.wasm.length === 0) {
    return loadedRevision(revision, bundle.policyIndex, () => ({
      kind: 'result',
      value: {},
      fuelUsed: 0,
      builtinErrors: [],
    }));
  }
  const policy = await loadPolicy(bundle.wasm);
  return loadedRevision(revision, bundle.policyIndex, (inputJson, nowMs) => policy.evaluate(inputJson, nowMs));
}
