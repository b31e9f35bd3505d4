import { runCommand } from './run-command.ts';

const ANNOTATION = /^::\w+ title=(?<rule>[^,]+),file=(?<file>[^,]+),line=(?<line>\d+),.*?::(?<message>.*)$/;

/** Biome's findings of every severity, formatting included: what is only noted is not let pass either. */
export async function lintFindings(root: string): Promise<string[]> {
  const argv = ['biome', 'check', '--reporter=github', '--max-diagnostics=none', '--diagnostic-level=info'] as const;
  const { status, output } = await runCommand([...argv, '.'], root);
  const findings = lintLines(output, root);
  return status !== 0 && findings.length === 0 ? output.split('\n') : findings;
}

/** The annotations in Biome's output as lines of our own form. */
export function lintLines(output: string, root: string): string[] {
  return output.split('\n').flatMap((text) => {
    const { rule = '', file = '', line, message = '' } = ANNOTATION.exec(text)?.groups ?? {};
    if (line === undefined) return [];
    const path = file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
    if (rule === 'format') return [`${path}:${line}: not formatted: npm run format`];
    return [`${path}:${line}: ${message.replaceAll('%0A', ' ')} (${rule})`];
  });
}
