/** Nodes that a message names; more are counted. */
const NAMED_NODES_MAX = 5;

/** The names of nodes, for a message. */
export function listed(nodes: readonly string[]): string {
  const more = nodes.length - NAMED_NODES_MAX;
  return `${nodes.slice(0, NAMED_NODES_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
