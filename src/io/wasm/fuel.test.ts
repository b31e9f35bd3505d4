import { expect, test } from 'vitest';
import { FUEL_EXPORT, instrumentFuel } from './fuel.ts';
import { WasmFormatError } from './module-bytes.ts';

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const section = (id: number, ...content: number[]) => [id, content.length, ...content];
const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];

/** A module with one function `spin(turns) -> turns` whose loop runs that often, and with one global of its own. */
const SPIN = Uint8Array.from([
  ...HEADER,
  ...section(1, 1, 0x60, 1, 0x7f, 1, 0x7f),
  ...section(3, 1, 0),
  ...section(6, 1, 0x7f, 0x01, 0x41, 7, 0x0b),
  ...section(7, 1, ...name('spin'), 0x00, 0),
  ...section(
    10,
    1,
    ...[24, 1, 1, 0x7f], // one body, one local
    ...[0x03, 0x40, 0x20, 1, 0x41, 1, 0x6a, 0x22, 1, 0x20, 0, 0x48, 0x0d, 0, 0x0b], // loop: local 1 += 1 while < turns
    ...[0x20, 1, 0x1a, 0x20, 0, 0x0b], // drop local 1, give turns
  ),
]);

interface Spin {
  readonly spin: (turns: number) => number;
  readonly [FUEL_EXPORT]: { value: number };
}

async function instantiate(bytes: Uint8Array): Promise<Spin> {
  const module = await WebAssembly.compile(bytes);
  return new WebAssembly.Instance(module, {}).exports as unknown as Spin;
}

test('an entry and every turn of a loop take one unit', async () => {
  const { spin, ...rest } = await instantiate(instrumentFuel(SPIN));
  const fuel = rest[FUEL_EXPORT];
  fuel.value = 100;
  expect([spin(10), fuel.value]).toEqual([10, 100 - 11]);
});

test('without fuel it traps, and the counter stays at nothing', async () => {
  const { spin, ...rest } = await instantiate(instrumentFuel(SPIN));
  const fuel = rest[FUEL_EXPORT];
  fuel.value = 10;
  expect(() => spin(10)).toThrow(WebAssembly.RuntimeError);
  expect(fuel.value).toBe(0);
  fuel.value = 11;
  expect(spin(10)).toBe(10);
});

test.each<[string, Uint8Array, string]>([
  ['no bytes', new Uint8Array(0), 'the module ends early'],
  ['another file', new TextEncoder().encode('package a'), 'not a WebAssembly module'],
  ['a header alone', Uint8Array.from(HEADER), 'the module has no globals, exports or code'],
  ['a module cut short', SPIN.subarray(0, SPIN.length - 4), 'the module ends early'],
  ['an unknown instruction', SPIN.with(SPIN.length - 4, 0xff), 'unknown instruction 0xff'],
])('%s is refused', (_what, bytes, message) => {
  expect(() => instrumentFuel(bytes)).toThrow(new WasmFormatError(message));
});
