import { type ImportResult, importText } from './import-result.ts';
import { readDeployment } from './litellm-deployment.ts';
import { readLitellmRoutes } from './litellm-routes.ts';
import { child, items, leaveOut } from './source-place.ts';

/**
 * The configuration file of a LiteLLM proxy: `model_list` becomes providers, pools, models and their offers; fallbacks,
 * orders, retries and timeouts become routes. Callers and budgets live in its database and are not in the file.
 */
export function importLitellm(text: string): ImportResult {
  return importText(text, (source, draft) => {
    for (const root of source.documents) {
      for (const entry of items(source, child(source, root, 'model_list'))) readDeployment(source, draft, entry);
      leaveOut(source, child(source, child(source, root, 'general_settings'), 'master_key'), MASTER_KEY);
      readLitellmRoutes(source, draft, root);
    }
  });
}

const MASTER_KEY = 'keys of callers are documents with a hash: headgate key new';
