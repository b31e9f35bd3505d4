import type { XdsNode } from '../../core/xds/node.ts';

/** The key of a node's metadata in which its bootstrap says its labels: what waves of a rollout choose by. */
export const NODE_LABELS_KEY = 'headgate.labels';

/** What is no text is left out. */
export function nodeLabels(metadata: XdsNode['metadata']): Readonly<Record<string, string>> {
  const value = metadata[NODE_LABELS_KEY];
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
  const labels = Object.entries(value).filter(([, label]) => typeof label === 'string');
  return Object.fromEntries(labels) as Record<string, string>;
}
