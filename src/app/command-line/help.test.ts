import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../program.ts';
import { VERSION } from '../version.ts';
import { type CommandShape, commandShape } from './command-shape.ts';

const program = commandShape(await createProgram());
const commands = [program, ...below(program)].map((shape) => ({ name: shape.words.join(' '), shape }));

function below(command: CommandShape): CommandShape[] {
  return command.commands.flatMap((each) => [each, ...below(each)]);
}

function own(shape: CommandShape): string[] {
  return shape.examples.filter((line) => line.startsWith('headgate '));
}

/** The words of a command line up to a pipe or a redirection. */
function words(line: string): string[] {
  const [command = ''] = line.split(/ [>|] /);
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].slice(1).map(([, a, b, c]) => a ?? b ?? c ?? '');
}

/** A program that takes its command line apart, and does nothing; it tells which command was meant. */
async function parsed(line: string): Promise<string> {
  let meant = 'none';
  const silence = (command: Command, path: readonly string[]): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command.commands.length === 0) {
      command.action(() => {
        meant = path.join(' ');
      });
    }
    for (const each of command.commands) silence(each, [...path, each.name()]);
  };
  const fresh = await createProgram();
  silence(fresh, ['headgate']);
  await fresh.parseAsync(words(line), { from: 'user' });
  return meant;
}

describe('the help of every command', () => {
  test.each(commands)('$name says what it does, and shows an example of it', ({ name, shape }) => {
    expect(shape.description).toMatch(/^[A-Z].*[^.]$/);
    expect(own(shape).filter((line) => line === name || line.startsWith(`${name} `))).not.toEqual([]);
  });

  test.each(commands)('the arguments and options of $name say what they are', ({ shape }) => {
    expect([...shape.arguments, ...shape.options].filter(({ description }) => description === '')).toEqual([]);
  });
});

test.each([...new Set(commands.flatMap(({ shape }) => own(shape)))])('the example parses: %s', async (line) => {
  const meant = await parsed(line);
  expect(`${line} `.startsWith(`${meant} `)).toBe(true);
});

test('an example that does not parse is found', async () => {
  await expect(parsed('headgate validate --formt json')).rejects.toThrow("unknown option '--formt'");
  await expect(parsed('headgate validate --format yaml')).rejects.toThrow('Allowed choices are');
});

test('--version prints the version', async () => {
  const written: string[] = [];
  const asked = (await createProgram()).configureOutput({ writeOut: (text) => written.push(text) });
  await expect(asked.parseAsync(['--version'], { from: 'user' })).rejects.toMatchObject({ exitCode: 0 });
  expect(written).toEqual([`${VERSION}\n`]);
});
