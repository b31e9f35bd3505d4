import { present } from '../../core/base/assert.ts';
import { type Builtin, BuiltinError } from './builtins/argument.ts';
import { HOST_BUILTIN_TABLE } from './builtins/host-builtins.ts';
import { FUEL_EXPORT } from './fuel.ts';
import type { PolicyLimits } from './policy-limits.ts';
import { readValue, writeValue } from './value-text.ts';

/** A policy module that this host cannot run. */
export class PolicyLoadError extends Error {
  override readonly name = 'PolicyLoadError';
  readonly code = 'policy-load';
}

/** The policy stopped itself: the message of `opa_abort`. */
export class PolicyAbort extends Error {
  override readonly name = 'PolicyAbort';
}

interface PolicyExports {
  readonly opa_eval: (...args: number[]) => number;
  readonly opa_malloc: (size: number) => number;
  readonly opa_json_parse: (address: number, length: number) => number;
  readonly opa_value_parse: (address: number, length: number) => number;
  readonly opa_value_dump: (address: number) => number;
  readonly opa_json_dump: (address: number) => number;
  readonly builtins: () => number;
  readonly opa_heap_ptr_get: () => number;
  readonly [FUEL_EXPORT]: WebAssembly.Global;
}

export interface PolicyCall {
  readonly input: string;
  /** The length of `input` in UTF-8. */
  readonly inputBytes: number;
  readonly nowNs: bigint;
  readonly fuel: number;
}

/** One instance of a policy module with its memory. After any throw it is broken and must be dropped. */
export interface PolicyInstance {
  /**
   * Evaluates entry point 0 (ABI 1.2's `opa_eval`, https://www.openpolicyagent.org/docs/wasm). Gives the JSON text of
   * the result set; throws PolicyAbort, WebAssembly.RuntimeError or RangeError.
   */
  evaluate(call: PolicyCall): string;
  fuelLeft(): number;
  pages(): number;
  /** Messages of builtins that could not answer in the last evaluation. */
  readonly builtinErrors: readonly string[];
}

const PAGE_BYTES = 65_536;
/** Errors kept per evaluation: enough to see what is wrong, not one per turn of a loop. */
const BUILTIN_ERRORS_MAX = 8;
/** A builtin call costs as much as this many steps, and one step more per this many bytes of its operands. */
const BUILTIN_FUEL = 50;
const BUILTIN_BYTES_PER_FUEL = 4;

/** Throws PolicyLoadError when the module calls a builtin that this host lacks. */
export function instantiatePolicy(module: WebAssembly.Module, limits: PolicyLimits): PolicyInstance {
  const memory = new WebAssembly.Memory({ initial: limits.memoryPagesInitial, maximum: limits.memoryPagesMax });
  let bytes = Buffer.from(memory.buffer);
  let nowNs = 0n;
  let builtinErrors: string[] = [];

  const view = (): Buffer => {
    if (bytes.buffer !== memory.buffer) bytes = Buffer.from(memory.buffer);
    return bytes;
  };
  const textAt = (address: number): string => {
    const buffer = view();
    return buffer.toString('utf8', address, buffer.indexOf(0, address));
  };
  const callBuiltin = (id: number, _context: number, ...addresses: number[]): number => {
    const operands = addresses.map((operand) => textAt(policy.opa_value_dump(operand)));
    chargeBuiltin(operands);
    const builtin = present(builtins[id], 'builtin of the module');
    let result: string;
    try {
      result = writeValue(builtin.run(operands.map(readValue), { nowNs }));
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
      if (builtinErrors.length < BUILTIN_ERRORS_MAX) builtinErrors.push(`${builtin.name}: ${error.message}`);
      return 0;
    }
    const length = Buffer.byteLength(result);
    const address = policy.opa_malloc(length);
    view().write(result, address, 'utf8');
    return policy.opa_value_parse(address, length);
  };
  const chargeBuiltin = (operands: readonly string[]): void => {
    let cost = BUILTIN_FUEL;
    for (const operand of operands) cost += Math.ceil(operand.length / BUILTIN_BYTES_PER_FUEL);
    const fuel = policy[FUEL_EXPORT];
    fuel.value = Math.max(0, fuel.value - cost);
    if (fuel.value === 0) throw new PolicyAbort('out of fuel');
  };

  const env = {
    memory,
    opa_abort: (address: number) => {
      throw new PolicyAbort(textAt(address));
    },
    opa_println: () => undefined,
    opa_builtin0: callBuiltin,
    opa_builtin1: callBuiltin,
    opa_builtin2: callBuiltin,
    opa_builtin3: callBuiltin,
    opa_builtin4: callBuiltin,
  };
  const policy = new WebAssembly.Instance(module, { env }).exports as unknown as PolicyExports;
  const builtins = hostBuiltins(textAt(policy.opa_json_dump(policy.builtins())));
  const dataText = policy.opa_malloc(2);
  view().write('{}', dataText, 'latin1');
  const dataAddress = policy.opa_json_parse(dataText, 2);
  const inputAddress = policy.opa_heap_ptr_get();

  const ensureBytes = (end: number): void => {
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  };

  return {
    evaluate({ input, inputBytes, ...call }) {
      nowNs = call.nowNs;
      if (builtinErrors.length > 0) builtinErrors = [];
      ensureBytes(inputAddress + inputBytes);
      view().write(input, inputAddress, 'utf8');
      policy[FUEL_EXPORT].value = call.fuel;
      const heap = inputAddress + inputBytes;
      return textAt(policy.opa_eval(0, 0, dataAddress, inputAddress, inputBytes, heap, 0));
    },
    fuelLeft: () => policy[FUEL_EXPORT].value,
    pages: () => memory.buffer.byteLength / PAGE_BYTES,
    get builtinErrors() {
      return builtinErrors;
    },
  };
}

/** The builtins by the ids that the module gave them, from its own list of names. */
function hostBuiltins(idsByName: string): readonly { readonly name: string; readonly run: Builtin }[] {
  const table: { name: string; run: Builtin }[] = [];
  for (const [name, id] of Object.entries(JSON.parse(idsByName) as Readonly<Record<string, number>>)) {
    const run = (HOST_BUILTIN_TABLE as Readonly<Record<string, Builtin | undefined>>)[name];
    if (run === undefined) throw new PolicyLoadError(`the policy calls ${name}, which this host lacks`);
    table[id] = { name, run };
  }
  return table;
}
