import { NODE_LABELS_KEY } from '../../core/envoy/bootstrap.ts';
import type { XdsNode } from '../../core/xds/node.ts';

/** What the waves of a rollout choose by, as the bootstrap says it; what is no text is left out. */
export function nodeLabels(metadata: XdsNode['metadata']): Readonly<Record<string, string>> {
  const value = metadata[NODE_LABELS_KEY];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  const labels = Object.entries(value).filter(([, label]) => typeof label === 'string');
  return Object.fromEntries(labels) as Record<string, string>;
}
