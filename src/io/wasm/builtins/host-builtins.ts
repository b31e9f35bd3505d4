import type { HostBuiltinName } from '../../../core/policy/builtin-names.ts';
import type { Builtin } from './argument.ts';
import { DOCUMENT_BUILTINS } from './documents.ts';
import { ENCODING_BUILTINS } from './encoding.ts';
import { NUMBER_BUILTINS } from './numbers.ts';
import { REGEX_BUILTINS } from './regex.ts';
import { sprintf } from './sprintf.ts';
import { STRING_BUILTINS } from './strings.ts';
import { TIME_BUILTINS } from './time.ts';

/**
 * The builtins of OPA that its Wasm target leaves to the host, as pure functions of their arguments and the time of
 * the decision: https://www.openpolicyagent.org/docs/policy-reference/builtins.
 */
export const HOST_BUILTIN_TABLE: Readonly<Record<HostBuiltinName, Builtin>> = {
  ...DOCUMENT_BUILTINS,
  ...ENCODING_BUILTINS,
  ...NUMBER_BUILTINS,
  ...REGEX_BUILTINS,
  ...STRING_BUILTINS,
  ...TIME_BUILTINS,
  sprintf,
};
