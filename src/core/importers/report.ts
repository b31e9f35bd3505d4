import type { Imported } from './import-result.ts';

const HEADINGS = {
  'left-out': 'Left out:',
  'to-check': 'Written as a guess, to be checked:',
} as const;

/** What people read after an import: what was made, what was left out, and what is a guess, each with its line. */
export function importReport({ files, remarks }: Imported, file: string): string {
  const made = files.map(({ path, text }) => `${path} (${[...text.matchAll(/^kind: /gm)].length || 'boot settings'})`);
  const blocks = (['left-out', 'to-check'] as const).map((kind) => {
    const own = remarks.filter((remark) => remark.kind === kind);
    const lines = own.map(({ line, path, why }) => `  ${file}:${line}  ${path}: ${why}`);
    return lines.length === 0 ? [] : ['', HEADINGS[kind], ...lines];
  });
  const missing = ['', 'Who may ask is not in such a file: write Teams and Keys (headgate key new).'];
  return [`Made: ${made.join(', ')}`, ...blocks.flat(), ...missing].map((line) => `${line}\n`).join('');
}
