import { describe, expect, test } from 'vitest';
import { meantCommand } from '../../../test/support/meant-command.ts';
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
  const meant = await meantCommand(line);
  expect(`${line} `.startsWith(`${meant} `)).toBe(true);
});

test('an example that does not parse is found', async () => {
  await expect(meantCommand('headgate validate --formt json')).rejects.toThrow("unknown option '--formt'");
  await expect(meantCommand('headgate validate --format yaml')).rejects.toThrow('Allowed choices are');
});

test('--version prints the version', async () => {
  const written: string[] = [];
  const asked = (await createProgram()).configureOutput({ writeOut: (text) => written.push(text) });
  await expect(asked.parseAsync(['--version'], { from: 'user' })).rejects.toMatchObject({ exitCode: 0 });
  expect(written).toEqual([`${VERSION}\n`]);
});
