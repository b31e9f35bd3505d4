import type { Argument, Command, Option } from 'commander';

/** What the command line takes, as data: completions and docs/cli.md are made of it. */
export interface CommandShape {
  /** The words that call it: `headgate`, or `headgate key new`. */
  readonly words: readonly string[];
  readonly description: string;
  readonly arguments: readonly ArgumentShape[];
  readonly options: readonly OptionShape[];
  readonly commands: readonly CommandShape[];
  /** The command lines that its help shows. */
  readonly examples: readonly string[];
}

export interface ArgumentShape {
  /** With its brackets: `<id>`, `[dir]`, `[places...]`. */
  readonly term: string;
  readonly description: string;
  readonly choices: readonly string[];
  readonly defaultValue?: string;
}

export interface OptionShape {
  readonly long: string;
  /** As the help shows it: `--format <format>`. */
  readonly term: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly required: boolean;
  readonly defaultValue?: string;
}

/** The shape of a commander program, with all commands below it; `help` itself is left out. */
export function commandShape(command: Command, above: readonly string[] = []): CommandShape {
  const words = [...above, command.name()];
  const help = command.createHelp();
  return {
    words,
    description: command.description(),
    arguments: command.registeredArguments.map(argumentShape),
    options: help.visibleOptions(command).filter(isOwn).map(optionShape),
    commands: command.commands.map((below) => commandShape(below, words)),
    examples: examplesOf(command),
  };
}

function isOwn(option: Option): boolean {
  return option.long !== '--help';
}

function argumentShape(argument: Argument): ArgumentShape {
  const dots = argument.variadic ? '...' : '';
  return {
    term: argument.required ? `<${argument.name()}${dots}>` : `[${argument.name()}${dots}]`,
    description: argument.description,
    choices: argument.argChoices ?? [],
    ...shownDefault(argument.defaultValue),
  };
}

function optionShape(option: Option): OptionShape {
  return {
    long: option.long ?? option.flags,
    term: option.flags,
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
    required: option.mandatory,
    ...shownDefault(option.defaultValue),
  };
}

/** A default that is a word or a number can be shown; one that the command line parsed into something else cannot. */
function shownDefault(value: unknown): { readonly defaultValue?: string } {
  const values = Array.isArray(value) ? value : [value];
  const shown = values.every((item) => typeof item === 'string' || typeof item === 'number') && values.length > 0;
  return shown ? { defaultValue: values.join(' ') } : {};
}

function examplesOf(command: Command): string[] {
  const lines: string[] = [];
  const write = (text: string) => lines.push(...text.split('\n'));
  command.copyInheritedSettings(command).configureOutput({ writeOut: write });
  command.outputHelp();
  const start = lines.findIndex((line) => /^Examples?:$/.test(line));
  return start === -1 ? [] : lines.slice(start + 1).flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

/** Arguments that are files or folders, by their names. */
const PATHS: readonly string[] = ['dir', 'file', 'files', 'place', 'places'];

/** Whether a shell should offer files for it. */
export function takesPath({ term, choices }: ArgumentShape): boolean {
  return choices.length === 0 && PATHS.includes(term.replaceAll(/[<>[\].]/g, ''));
}
