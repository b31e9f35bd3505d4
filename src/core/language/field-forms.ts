import { z } from 'zod';
import { DURATION_PATTERN } from '../base/duration.ts';
import { SIZE_PATTERN } from '../base/size.ts';

/** What an editor shows for a field. */
export interface FieldHelp {
  readonly title: string;
  readonly description: string;
  readonly example: unknown;
}

/** The help in the form of JSON Schema. */
export function help(field: FieldHelp) {
  return { title: field.title, description: field.description, examples: [field.example] };
}

/** A DNS label (RFC 1123): what names documents, offers, listeners, teams. */
const NAME_PATTERN = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$';
/** What clients write in `model`: a name or an alias. */
const MODEL_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$';

const NAME_FORM = 'a name: lower-case letters, digits and "-", 63 characters at most';
const MODEL_FORM = 'a model name: letters, digits and . _ : / @ + -, 200 characters at most';

/** A text of a form that a regular expression says; `form` completes "must be ..." in a diagnostic. */
export function pattern(source: string, form: string) {
  return z.string().regex(new RegExp(source, 'u'), { error: form });
}

export function name(field: FieldHelp) {
  return pattern(NAME_PATTERN, NAME_FORM).meta(help(field));
}

export function modelName(field: FieldHelp) {
  return pattern(MODEL_PATTERN, MODEL_FORM).meta(help(field));
}

export function nameOrStar(field: FieldHelp) {
  return pattern(`^\\*$|${NAME_PATTERN}`, `${NAME_FORM}; or "*"`).meta(help(field));
}

export function modelNameOrStar(field: FieldHelp) {
  return pattern(`^\\*$|${MODEL_PATTERN}`, `${MODEL_FORM}; or "*"`).meta(help(field));
}

/** A duration such as `10s`; whether it is in range is a check of its own. */
export function duration(field: FieldHelp) {
  return pattern(DURATION_PATTERN, 'a duration: a whole number and ms, s, m, h or d, such as 10s').meta(help(field));
}

/** A size such as `8MiB`. */
export function size(field: FieldHelp) {
  return pattern(SIZE_PATTERN, 'a size: a whole number and B, KiB, MiB or GiB, such as 8MiB').meta(help(field));
}

/** A header name in lower case, as HTTP/2 carries it. */
export function headerName() {
  return pattern('^[a-z0-9][a-z0-9-]{0,99}$', 'a header name in lower case');
}

/** A region or another word of the user's own. */
export function word(field: FieldHelp) {
  const form = 'a word: letters, digits and . _ -, 63 characters at most';
  return pattern('^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$', form).meta(help(field));
}

/** `zero`, or a number of days. */
export function retention(field: FieldHelp) {
  return pattern('^(zero|[0-9]{1,5}d)$', '"zero" or a number of days, such as 30d').meta(help(field));
}

/** An address as `ip:port`; whether it is one is a check of its own. */
export function socketAddress() {
  return pattern('^[0-9A-Fa-f.:\\[\\]]{3,60}$', 'an address as ip:port, IPv6 in brackets');
}

export function labels(field: FieldHelp) {
  const form = 'a label: letters, digits and . _ / -, 63 characters at most';
  const text = pattern('^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$', form);
  return z.record(text, text).meta(help(field));
}

/** A share such as `25%`. */
export function percent(field: FieldHelp) {
  return pattern('^(100|[0-9]{1,2}(\\.[0-9]{1,3})?)%$', 'a share from 0% to 100%').meta(help(field));
}

/** A URL of a service that is called with a key or trusted for keys. */
export function httpsUrl(field: FieldHelp) {
  return pattern('^https://[!-~]{1,500}$', 'a URL that starts with https://').meta(help(field));
}

/** A day such as 2027-06-30; whether the calendar has it is a check of its own. */
export function day(field: FieldHelp) {
  return pattern('^[0-9]{4}-[0-9]{2}-[0-9]{2}$', 'a day such as 2027-06-30').meta(help(field));
}

/** A dotted Rego package path, without `data.` in front. */
export function regoPackage(field: FieldHelp) {
  const source = '^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*$';
  return pattern(source, 'a Rego package: names with dots between them').meta(help(field));
}

/** The value of a header. */
export function headerValue() {
  return pattern('^[ -~]{0,200}$', 'printable ASCII, 200 characters at most');
}

export function headers(field: FieldHelp) {
  return z.record(headerName(), headerValue()).meta(help(field));
}
