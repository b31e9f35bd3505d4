import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** A fenced block of a page. */
export interface FencedBlock {
  readonly language: string;
  readonly text: string;
}

export function fencedBlocks(page: string): FencedBlock[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }));
}

/** The files that a page shows: blocks whose first line is a comment with the path. */
export function shownFiles(page: string): { readonly path: string; readonly text: string }[] {
  return fencedBlocks(page).flatMap(({ text }) => {
    const path = /^# ([\w./-]+\.(?:yaml|rego))\n/.exec(text)?.[1];
    return path === undefined ? [] : [{ path, text }];
  });
}

/** The commands of a page, one a line, without the comments behind them. */
export function shownCommands(page: string): string[] {
  const shell = fencedBlocks(page).filter(({ language }) => language === 'sh');
  return shell.flatMap(({ text }) => text.split('\n').map((line) => line.replace(/ +# .*$/, ''))).filter(Boolean);
}
