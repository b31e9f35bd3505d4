import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { DecisionRecord } from '../../core/decide/record.ts';
import { effectiveDocument } from '../../core/language/effective-document.ts';
import { readTree } from '../../core/language/read-tree.ts';
import { createTreeMemory } from '../../core/language/tree-memory.ts';
import { type AskedRequest, readAskedRequest } from '../../core/plan/asked-request.ts';
import { readWorkingTree } from '../../io/git/working-tree.ts';
import { requiredTool } from '../../io/tools/find-tool.ts';
import { explainAsked, explainFile } from '../explain/explain-tree.ts';
import type { ExplainedRecord } from '../explain/explained-record.ts';
import { createPolicyCompiler } from '../revision/policy-compiler.ts';
import { countOption } from './count-option.ts';
import { EXIT_FINDINGS } from './exit.ts';
import { askServer, serverOption } from './server-client.ts';

interface ExplainOptions extends AskOptions {
  readonly server: string;
  readonly json?: true;
  readonly rerun?: true;
  readonly record?: string;
  readonly effective?: string;
  readonly dir: string;
}

interface AskOptions {
  readonly request?: string;
  readonly model?: string;
  readonly team?: string;
  readonly tokens?: number;
  readonly stream?: true;
  readonly tools?: true;
  readonly header?: Readonly<Record<string, string>>;
  readonly load?: string;
}

export function explainCommand(): Command {
  return new Command('explain')
    .description('Say why a request was decided as it was, or how the tree on disk would decide one')
    .argument('[id]', 'the decision, from the answer header headgate-decision')
    .addOption(serverOption())
    .option('--json', 'print the record as JSON')
    .option('--rerun', 'decide again, and say whether the decision is the same')
    .option('--record <file>', 'a record that "headgate explain ID --json" printed, in place of a server')
    .option('--model <name>', 'decide a request for this model by the tree on disk, without a server')
    .option('--team <name>', 'who asks; without it a caller without a key')
    .option('--tokens <count>', 'how long the prompt is', countOption)
    .option('--stream', 'the answer is streamed')
    .option('--tools', 'the request has tools')
    .option('--header <name=value>', 'a header of the request; may be given again', collectHeader)
    .option('--load <file>', 'the load of engines as JSON: {"10.0.0.11:8000": {"waiting": 60}}')
    .option('--request <file>', 'all of this as one JSON document; options win over it')
    .option('--effective <kind/name>', 'print this document of the tree on disk with its defaults filled in')
    .option('--dir <folder>', 'the tree on disk', '.')
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  headgate explain 01jz8m3q4r5s6t7v8w9x0y1z2a --rerun',
        '  headgate explain --model chat-small --team red --tokens 9000 --dir examples/quickstart',
        '  headgate explain --effective route/chat --dir examples/quickstart',
      ].join('\n'),
    )
    .action(explain);
}

async function explain(id: string | undefined, options: ExplainOptions): Promise<void> {
  if (id !== undefined) return await explainAtServer(id, options);
  if (options.effective !== undefined) return await printEffective(options.effective, options.dir);
  const compilePolicies = createPolicyCompiler(requiredTool('opa'));
  const explained =
    options.record === undefined
      ? await explainAsked(options.dir, await askedBy(options), compilePolicies)
      : await explainFile(options.dir, await recordIn(options.record), options.rerun === true, compilePolicies);
  if (explained.ok) print(explained.value, options);
  else {
    process.stderr.write(`${explained.error.trimEnd()}\n`);
    process.exitCode = EXIT_FINDINGS;
  }
}

async function printEffective(name: string, directory: string): Promise<void> {
  const { files } = await readWorkingTree(directory);
  const found = effectiveDocument(readTree(files, [], createTreeMemory()), name);
  if (found.ok) process.stdout.write(found.value);
  else {
    process.stderr.write(`headgate: ${found.error}\n`);
    process.exitCode = EXIT_FINDINGS;
  }
}

async function explainAtServer(id: string, options: ExplainOptions): Promise<void> {
  const query = options.rerun === true ? '?rerun=true' : '';
  const { status, body } = await askServer(options.server, 'GET', `/records/${encodeURIComponent(id)}${query}`);
  if (status === 404) {
    process.stderr.write(`headgate: there is no record "${id}"\n`);
    process.exitCode = EXIT_FINDINGS;
    return;
  }
  print(body as ExplainedRecord, options);
}

/** A decision that is another one the second time is a finding. */
function print(explained: ExplainedRecord, { json }: ExplainOptions): void {
  process.stdout.write(json ? `${JSON.stringify(explained)}\n` : `${explained.lines.join('\n')}\n`);
  if (explained.rerun !== undefined && explained.rerun.kind !== 'same') process.exitCode = EXIT_FINDINGS;
}

async function askedBy(options: AskOptions): Promise<AskedRequest> {
  const { model, team, tokens: promptTokens, stream, tools, header: headers } = options;
  const document = options.request === undefined ? {} : await jsonIn(options.request);
  const load = options.load === undefined ? undefined : await jsonIn(options.load);
  const given = Object.entries({ model, team, promptTokens, stream, tools, headers, load });
  const asked = { ...(document as object), ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
  if (!('model' in asked))
    throw new InvalidArgumentError('name a decision, or say what to decide with --model or --request');
  const read = readAskedRequest(asked);
  if (read.ok) return read.value;
  throw new InvalidArgumentError(read.error);
}

/** Alone, or within what `--json` prints. */
async function recordIn(path: string): Promise<DecisionRecord> {
  const document = (await jsonIn(path)) as { readonly record?: DecisionRecord } & DecisionRecord;
  const record = document.record ?? document;
  const isRecord = typeof record.id === 'string' && typeof record.digest === 'string' && Array.isArray(record.attempts);
  if (isRecord) return record;
  throw new InvalidArgumentError(`${path}: this is no decision record`);
}

async function jsonIn(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError(`${path}: this is no JSON object`);
}

function collectHeader(text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('write NAME=VALUE, such as x-tier=gold');
  return { ...earlier, [text.slice(0, at).toLowerCase()]: text.slice(at + 1) };
}
