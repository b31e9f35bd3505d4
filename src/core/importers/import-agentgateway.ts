import { readBinds } from './agentgateway-binds.ts';
import { readLlmModels } from './agentgateway-models.ts';
import { readVirtualModels } from './agentgateway-virtual-models.ts';
import type { Draft } from './draft.ts';
import { type ImportResult, importText } from './import-result.ts';
import { child, items, leaveOut, numberOf, type Place, type Source } from './source-place.ts';

/**
 * The configuration file of a standalone agentgateway: models and virtual models of `llm`, and AI backends of `binds`
 * that name their model. What matches paths, speaks MCP or A2A, or is a policy of its own has no counterpart.
 */
export function importAgentgateway(text: string): ImportResult {
  return importText(text, (source, draft) => {
    for (const root of source.documents) {
      const llm = child(source, root, 'llm');
      readLlmModels(source, draft, llm);
      readVirtualModels(source, draft, llm);
      const binds = items(source, child(source, root, 'binds'));
      for (const bind of binds) readBinds(source, draft, bind);
      readPorts(source, draft, [child(source, llm, 'port'), ...binds.map((bind) => child(source, bind, 'port'))]);
    }
  });
}

/** All ports become listeners of one fleet: each serves every route. */
function readPorts(source: Source, draft: Draft, places: readonly (Place | undefined)[]): void {
  const ports = new Set<number>();
  for (const place of places) {
    const port = numberOf(place);
    if (port === undefined) leaveOut(source, place, 'it is no port');
    else ports.add(port);
  }
  if (ports.size === 0) return;
  const listeners = [...ports].map((port, index) => ({ name: index === 0 ? 'api' : `api-${port}`, port }));
  draft.fleets.push({ name: 'edge', listeners });
}
