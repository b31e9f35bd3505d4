import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { digestOfText } from '../../core/base/digest.ts';
import { type NewFile, repositoryFiles, schemaFiles } from '../init/repository-template.ts';
import { newKey } from './key.ts';

interface InitOptions {
  readonly force?: true;
  readonly schemas?: true;
}

export function initCommand(): Command {
  return new Command('init')
    .description('Start a repository: documents, a policy, tests, pipelines for GitHub and GitLab, schemas for editors')
    .argument('[dir]', 'the folder; it may hold nothing but .git', '.')
    .option('--force', 'also where the folder holds something; files of the same names are replaced')
    .option('--schemas', 'write the schemas alone, into a repository that is there')
    .addHelpText('after', '\nExample:\n  headgate init gateway-config\n  headgate init --schemas gateway-config')
    .action(async (folder: string, options: InitOptions) => {
      if (options.schemas) {
        await writeAll(folder, schemaFiles());
        return;
      }
      if (!options.force && !(await isFree(folder))) {
        throw new InvalidArgumentError(`${folder} is not empty; --force writes into it all the same`);
      }
      const key = newKey();
      const files = await repositoryFiles(digestOfText(key));
      await writeAll(folder, files);
      process.stdout.write(`${files.length} files are in ${folder}; its README.md says what they are.\n`);
      process.stdout.write(`The key of the team "first", shown this one time: ${key}\n`);
      process.stdout.write(`Next: headgate validate ${folder}\n`);
    });
}

async function isFree(folder: string): Promise<boolean> {
  await mkdir(folder, { recursive: true });
  return (await readdir(folder)).every((name) => name === '.git');
}

async function writeAll(folder: string, files: readonly NewFile[]): Promise<void> {
  for (const { path, text } of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
