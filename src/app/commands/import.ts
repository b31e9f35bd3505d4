import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { formatYaml } from '../../core/format/format-yaml.ts';
import { importAgentgateway } from '../../core/importers/import-agentgateway.ts';
import { importEnvoyAiGateway } from '../../core/importers/import-envoy-ai-gateway.ts';
import { importLitellm } from '../../core/importers/import-litellm.ts';
import type { Imported, ImportResult } from '../../core/importers/import-result.ts';
import { importReport } from '../../core/importers/report.ts';
import { EXIT_FINDINGS } from './exit.ts';

const IMPORTERS: Readonly<Record<string, (text: string) => ImportResult>> = {
  litellm: importLitellm,
  'envoy-ai-gateway': importEnvoyAiGateway,
  agentgateway: importAgentgateway,
};

interface ImportOptions {
  readonly out?: string;
  readonly strict?: true;
}

export function importCommand(): Command {
  return new Command('import')
    .description(
      'Turn the configuration of another gateway into documents, and tell what cannot be turned, line by line',
    )
    .addArgument(new Argument('<gateway>', 'whose configuration it is').choices(Object.keys(IMPORTERS)))
    .argument('<file>', 'the configuration; several documents may stand in it')
    .option('--out <dir>', 'write the documents into this folder, where none of them may be yet; else they are printed')
    .option('--strict', 'end with status 1 when something was left out or is a guess')
    .addHelpText(
      'after',
      '\nExample:\n  headgate import litellm config.yaml --out gateway-config\n  headgate import envoy-ai-gateway manifests.yaml --strict',
    )
    .action(async (gateway: string, file: string, options: ImportOptions) => {
      const imported = read(gateway, file);
      if (options.out === undefined) for (const { path, text } of imported.files) print(path, text);
      else await writeAll(options.out, imported);
      process.stderr.write(importReport(imported, file));
      if (options.strict && imported.remarks.length > 0) process.exitCode = EXIT_FINDINGS;
    });
}

function read(gateway: string, file: string): Imported {
  const result = IMPORTERS[gateway]?.(readFileSync(file, 'utf8'));
  if (result?.ok !== true) {
    const { line = 1, message = 'unknown gateway' } = result?.error ?? {};
    throw new InvalidArgumentError(`${file}:${line}: ${message}`);
  }
  return {
    ...result.value,
    files: result.value.files.map(({ path, text }) => ({ path, text: formatted(path, text) })),
  };
}

function formatted(path: string, text: string): string {
  const result = formatYaml({ path, text });
  return result.kind === 'formatted' ? result.text : text;
}

function print(path: string, text: string): void {
  process.stdout.write(`# ${path}\n${text}---\n`);
}

async function writeAll(folder: string, { files }: Imported): Promise<void> {
  const there = files.map(({ path }) => join(folder, path)).filter((path) => existsSync(path));
  if (there.length > 0) throw new InvalidArgumentError(`already there: ${there.join(', ')}`);
  await mkdir(folder, { recursive: true });
  for (const { path, text } of files) await writeFile(join(folder, path), text);
}
