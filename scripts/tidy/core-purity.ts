import { type Node, parseSync, visitorKeys } from 'oxc-parser';
import type { Finding, TextFile } from '../check/finding.ts';

/**
 * What the core may not say and no import shows: waiting in any form, and chance. The lint configuration refuses the
 * global names (Date, process, timers) beside this; promises are refused here, also as types.
 */
export function corePurityFindings({ path, text }: TextFile): Finding[] {
  const { program } = parseSync(path, text);
  const findings: Finding[] = [];
  visit(program, (node) => {
    const message = impurity(node);
    if (message === undefined) return;
    findings.push({ file: path, line: text.slice(0, node.start).split('\n').length, message });
  });
  return findings;
}

export function isCoreSource(path: string): boolean {
  return path.startsWith('src/core/') && path.endsWith('.ts') && !path.endsWith('.test.ts');
}

function impurity(node: Node): string | undefined {
  switch (node.type) {
    case 'AwaitExpression':
      return 'the core never waits: no await';
    case 'ArrowFunctionExpression':
    case 'FunctionDeclaration':
    case 'FunctionExpression':
      return node.async ? 'the core never waits: no async function' : undefined;
    case 'Identifier':
      return node.name === 'Promise' ? 'the core never waits: no Promise' : undefined;
    case 'MemberExpression':
      return isMathRandom(node) ? 'the core has no chance of its own: take an rng as an argument' : undefined;
    case 'ImportExpression':
    case 'TSImportType':
      return 'the core imports at the top of a file';
    default:
      return undefined;
  }
}

function isMathRandom(node: Node & { type: 'MemberExpression' }): boolean {
  return (
    node.object.type === 'Identifier' &&
    node.object.name === 'Math' &&
    node.property.type === 'Identifier' &&
    node.property.name === 'random'
  );
}

function visit(node: Node, enter: (node: Node) => void): void {
  enter(node);
  for (const key of visitorKeys[node.type] ?? []) {
    const child: unknown = Reflect.get(node, key);
    for (const item of Array.isArray(child) ? child : [child]) {
      if (isNode(item)) visit(item, enter);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}
