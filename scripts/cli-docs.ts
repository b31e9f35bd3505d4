// Writes docs/cli.md from the commands; with `--out DIR` into DIR instead, for a comparison.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cliPage } from '../src/app/command-line/cli-page.ts';
import { commandShape } from '../src/app/command-line/command-shape.ts';
import { createProgram } from '../src/app/program.ts';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'docs') } } });

mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, 'cli.md'), cliPage(commandShape(await createProgram())));
