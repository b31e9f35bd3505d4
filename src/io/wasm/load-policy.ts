import type { EvaluatePolicy, PolicyOutcome } from '../../core/policy/policy-port.ts';
import { FUEL_EXPORT } from './fuel.ts';
import { instantiatePolicy, PolicyAbort, type PolicyInstance, PolicyLoadError } from './policy-instance.ts';
import { DEFAULT_POLICY_LIMITS, type PolicyLimits } from './policy-limits.ts';

export interface PolicyModule {
  /**
   * Evaluates the module's one entry point, at once and on this thread. `inputJson` is an object that we serialised
   * ourselves, never a client's bytes. The same module, input and time give the same outcome, also when it fails.
   */
  readonly evaluate: EvaluatePolicy;
}

/**
 * Compiles a module that `instrumentFuel` made, off the event loop. Throws PolicyLoadError for a module that is not of
 * ABI 1.2 or later, has no fuel counter, or calls a builtin that this host lacks.
 */
export async function loadPolicy(
  wasm: Uint8Array,
  limits: PolicyLimits = DEFAULT_POLICY_LIMITS,
): Promise<PolicyModule> {
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(wasm);
  } catch (cause) {
    throw new PolicyLoadError('the policy does not compile', { cause });
  }
  const exported = new Set(WebAssembly.Module.exports(module).map((entry) => entry.name));
  for (const name of ['opa_eval', 'opa_value_parse', 'opa_value_dump', 'builtins', FUEL_EXPORT]) {
    if (!exported.has(name)) throw new PolicyLoadError(`the policy has no export ${name}`);
  }
  return runnablePolicy(module, limits);
}

function runnablePolicy(module: WebAssembly.Module, limits: PolicyLimits): PolicyModule {
  let instance: PolicyInstance | undefined = instantiatePolicy(module, limits);
  let lastText = '';
  let lastValue: unknown;

  return {
    evaluate(inputJson, nowMs) {
      const input = withoutLoneSurrogates(inputJson);
      const inputBytes = Buffer.byteLength(input);
      if (inputBytes > limits.inputBytesMax) {
        return { kind: 'failed', reason: 'input', message: `the input has ${inputBytes} bytes` };
      }
      const fuel = limits.fuel + inputBytes * limits.fuelPerInputByte;
      const current = instance ?? instantiatePolicy(module, limits);
      instance = undefined;
      try {
        const text = current.evaluate({ input, inputBytes, nowNs: BigInt(Math.trunc(nowMs)) * 1_000_000n, fuel });
        if (text !== lastText) {
          lastValue = resultOf(text);
          lastText = text;
        }
      } catch (error) {
        return failureOf(error, current);
      }
      if (current.pages() <= limits.memoryPagesKept) instance = current;
      const fuelUsed = fuel - current.fuelLeft();
      return { kind: 'result', value: lastValue, fuelUsed, builtinErrors: current.builtinErrors };
    },
  };
}

function failureOf(error: unknown, instance: PolicyInstance): PolicyOutcome {
  const message = error instanceof Error ? error.message : String(error);
  if (instance.fuelLeft() === 0) return { kind: 'failed', reason: 'fuel', message: 'the policy took too many steps' };
  if (message.includes('opa_malloc') || (error instanceof RangeError && message.includes('Memory'))) {
    return { kind: 'failed', reason: 'memory', message: 'the policy needs too much memory' };
  }
  return { kind: 'failed', reason: error instanceof PolicyAbort ? 'abort' : 'trap', message };
}

/** The result set is `[{"result": value}]`, or `[]` when the entry point is undefined. */
function resultOf(text: string): unknown {
  const results = JSON.parse(text) as readonly { readonly result: unknown }[];
  return deepFrozen(results[0]?.result);
}

function deepFrozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) deepFrozen(member);
  return Object.freeze(value);
}

/** An escape sequence of JSON: a code unit in hexadecimal, or one character. */
const ESCAPE = /\\(u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/gs;

/**
 * JSON.stringify writes half of a surrogate pair as an escape, and only that; OPA's parser refuses it. It becomes the
 * replacement character.
 */
function withoutLoneSurrogates(json: string): string {
  const wellFormed = json.isWellFormed() ? json : json.toWellFormed();
  if (!wellFormed.includes('\\ud')) return wellFormed;
  return wellFormed.replace(ESCAPE, (whole: string, escaped: string) => (escaped.length > 1 ? '\ufffd' : whole));
}
