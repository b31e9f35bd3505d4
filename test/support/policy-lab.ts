import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '../../src/core/base/assert.ts';
import { compilePolicies } from '../../src/io/opa/compile-policies.ts';
import { instrumentFuel } from '../../src/io/wasm/fuel.ts';

/** A policy of one package `lab` and one guardrail `lab`, compiled for any input: OPA's module, and the same with its fuel counter. */
export async function compileLab(
  opaPath: string,
  text: string,
): Promise<{ readonly wasm: Uint8Array; readonly instrumented: Uint8Array }> {
  const modules = [{ path: 'lab.rego', text }];
  const bindings = [{ guardrail: 'lab', package: 'lab' }];
  const source = { modules, builtinModules: [], bindings, inputSchema: {} };
  const compiled = await compilePolicies({ opaPath, timeoutMs: 60_000, ...source });
  assert(compiled.ok, `the lab policy has mistakes: ${JSON.stringify(compiled)}`);
  assert(compiled.value.wasm !== undefined, 'the lab guardrail is bound');
  return { wasm: compiled.value.wasm, instrumented: instrumentFuel(compiled.value.wasm) };
}

/** The input that activates the lab guardrail. */
export function labInput(input: object): string {
  return JSON.stringify({ ...input, active: { lab: true } });
}

/** What `opa eval` itself says of `data.lab.deny`. */
export function evaluateWithOpa(opaPath: string, text: string, input: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-lab-'));
  try {
    writeFileSync(join(folder, 'lab.rego'), text);
    writeFileSync(join(folder, 'input.json'), input);
    const args = ['eval', '--format', 'json', '-d', 'lab.rego', '-i', 'input.json', 'data.lab.deny'];
    const output = execFileSync(opaPath, args, { cwd: folder, encoding: 'utf8' });
    const { result } = JSON.parse(output) as { result: { expressions: { value: unknown }[] }[] };
    return result[0]?.expressions[0]?.value;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
