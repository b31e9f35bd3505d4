import { POLICY_BUILTINS } from '../../core/policy/builtin-names.ts';
import { type OpaCall, OpaFailure, runOpa } from './opa-process.ts';

interface Capabilities {
  readonly builtins: readonly { readonly name: string }[];
  readonly allow_net?: readonly string[];
}

/** `opa build` takes print calls out, `opa check` wants them declared. */
const ERASED_BUILTINS: ReadonlySet<string> = new Set(['print', 'internal.print']);

/**
 * The capabilities file for our policies: what this opa declares, cut down to the builtins that the Wasm module or our
 * host has, and no network. https://www.openpolicyagent.org/docs/deployments#capabilities
 */
export async function policyCapabilities(call: OpaCall, cwd: string): Promise<string> {
  const { status, stdout } = await runOpa(call, cwd, ['capabilities', '--current']);
  if (status !== 0) throw new OpaFailure('opa does not print its capabilities', { code: 'opa-failed' });
  const current = JSON.parse(stdout) as Capabilities;
  const builtins = current.builtins.filter(({ name }) => POLICY_BUILTINS.has(name) || ERASED_BUILTINS.has(name));
  return JSON.stringify({ ...current, builtins, allow_net: [] });
}
