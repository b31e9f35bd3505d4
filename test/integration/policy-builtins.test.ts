import { expect, test } from 'vitest';
import { HOST_BUILTINS } from '../../src/core/policy/builtin-names.ts';
import { HOST_BUILTIN_TABLE } from '../../src/io/wasm/builtins/host-builtins.ts';
import { loadPolicy } from '../../src/io/wasm/load-policy.ts';
import { compileLab, evaluateWithOpa, labInput } from '../support/policy-lab.ts';
import { describeWithTool } from '../support/require-tool.ts';

/** Expressions for which our host must say what `opa eval` says, also where that is nothing. */
const EXPRESSIONS = [
  // sprintf: every verb on every kind of value, flags, widths, indices, mistakes.
  ...['v', 's', 'd', 'q', 'x', 'X', 'f', 't', 'T', 'e', 'g', 'b', 'o', 'O', 'c', 'U', 'z'].map(
    (verb) => `[sprintf("%${verb}", [value]) | some value in ["a\\"é", 65, true, null, [1, "b"], {"k": [2]}]]`,
  ),
  '[sprintf(verb, [value]) | some verb in ["%v", "%.1f", "%.0e", "%.2g", "%s", "%d"]; some value in [3.25, 2.5, 0.00001, 123456.5]]',
  'sprintf("%v %v %v", [{1, 2}, set(), {"a": {"x"}}])',
  'sprintf("%5d|%-5d|%05d|%+d|% d|%x", [42, 42, 42, 42, 42, 255])',
  'sprintf("%8s|%-8s|%.2s|%q", ["abc", "abc", "abc", "a\\nb"])',
  'sprintf("%8.3f|%-8.1f|%08.2f|%+.1f|%e", [3.14159, 2.5, 0.5, 1.25, 12345.678])',
  'sprintf("%[2]s %[1]s", ["a", "b"])',
  'sprintf("%*d", [5, 42])',
  'sprintf("%#x %#o %#q", [255, 8, "q"])',
  'sprintf("%s", [])',
  'sprintf("none", ["extra", 1])',
  'sprintf("100%% sure %", [])',
  'sprintf("%d", [9007199254740993])',
  'sprintf("%v", [1e30])',
  'sprintf("%v %v", [0.00001, 123456789.5])',
  'sprintf("%d", [1700000000000000000])',
  'sprintf("%s %v", [123456789123456789123, 0.5])',
  '[time.date(1e20), time.add_date(0, 2500, 0, 0)]',
  'time.parse_rfc3339_ns("2300-01-01T00:00:00Z")',
  'units.parse("-3.5E2m")',
  // regular expressions of RE2
  'regex.replace("foobar foo", "fo+", "<$0>")',
  'regex.replace("john smith", `(\\w+) (\\w+)`, "$2 ${1}x $1x")',
  'regex.replace("abc", "", "-")',
  'regex.replace("aaa", "a*?", "$$")',
  'regex.replace("ab", "(?P<x>a)", "${x}${x}")',
  'regex.replace("héllo", "(?i)HÉ", "j")',
  'regex.split("[,;]", "a,b;c,")',
  'regex.split("", "abc")',
  'regex.split("x*", "axbxc")',
  'regex.find_n("a.", "ab ac ad", -1)',
  'regex.find_n("a.", "ab ac ad", 2)',
  'regex.find_n("", "é1", -1)',
  'regex.find_n("(", "x", -1)',
  'regex.replace("x", "(", "y")',
  // encodings and hashes
  'base64url.encode_no_pad("a?>~é")',
  'crypto.md5("é")',
  'crypto.sha1("x")',
  'crypto.sha256("")',
  '[crypto.hmac.md5("a", "k"), crypto.hmac.sha1("a", "k"), crypto.hmac.sha256("a", "k"), crypto.hmac.sha512("a", "k")]',
  '[crypto.hmac.equal("a", "a"), crypto.hmac.equal("a", "b"), crypto.hmac.equal("a", "ab")]',
  'hex.encode("é")',
  'hex.decode("c3a9")',
  'hex.decode("c3a")',
  'urlquery.encode("a b&c=é/~!\'()*")',
  'urlquery.decode("a+b%26%C3%A9")',
  'urlquery.decode("%zz")',
  'urlquery.encode_object({"b": "1 2", "a": ["x", "y"]})',
  'urlquery.decode_object("a=1&a=2&b=&c&d=%20x")',
  // strings
  'indexof_n("abcabcé", "c")',
  'indexof_n("aaaa", "aa")',
  'indexof_n("é😀é", "é")',
  'indexof_n("a", "")',
  '[strings.count("cheese", "e"), strings.count("aaa", "aa"), strings.count("é😀", "")]',
  '[strings.split_n("a.b.c", ".", n) | some n in [0, 1, 2, 5, -1, -2, -9]]',
  '[strings.any_prefix_match("abc", "ab"), strings.any_prefix_match(["x", "abc"], {"q", "a"}), strings.any_prefix_match([], "a")]',
  '[strings.any_suffix_match("abc", ["bc", "x"]), strings.any_suffix_match({"x"}, "y")]',
  'glob.quote_meta("*.github.com?[a]{b}\\\\")',
  '[net.cidr_is_valid(x) | some x in ["10.0.0.0/8", "10.0.0.0/33", "::1/128", "::/129", "10.0.0.0", "", 1, "a/8"]]',
  // numbers, versions, units
  '[numbers.range_step(1, 7, 3), numbers.range_step(7, 1, 3), numbers.range_step(1, 1, 1)]',
  'numbers.range_step(1, 2, 0)',
  '[semver.is_valid(x) | some x in ["1.2.3", "01.2.3", "1.2", "1.2.3-rc.1+b.2", "1.2.3-01", 3, "v1.2.3"]]',
  '[semver.compare(x, "1.2.3-rc.2") | some x in ["1.2.3", "1.2.3-rc.1", "1.2.3-rc.10", "1.2.3-rc", "1.2.3-alpha", "1.2.3-rc.2+x", "2.0.0"]]',
  'semver.compare("1", "1.2.3")',
  '[units.parse_bytes(x) | some x in ["1", "1kb", "1KiB", "1.5Mi", "2G", "0.1k", "1e3", "1TB", "3EiB"]]',
  'units.parse_bytes("1 kb")',
  'units.parse_bytes("kb")',
  '[units.parse(x) | some x in ["1", "1k", "1Ki", "250m", "1.5M", "2Gi", "0.5", "3E"]]',
  'units.parse("1xyz")',
  // time
  '[time.clock(x) | some x in [0, 1700000000123456789, [1700000000123456789, "Asia/Tokyo"], -1]]',
  '[time.date(x) | some x in [0, 1700000000123456789, [1700000000123456789, "Pacific/Auckland"], -1]]',
  '[time.weekday(x) | some x in [0, 1700000000123456789, [1709164800000000000, "America/New_York"]]]',
  'time.date([0, "Nowhere/Land"])',
  '[time.add_date(1706659200123456789, 0, 1, 0), time.add_date(0, 10, -15, 40), time.add_date(-1, 0, 0, 1)]',
  '[time.diff(1700000000000000000, 1600000000000000000), time.diff(0, 5400000000000), time.diff([0, "UTC"], 1)]',
  '[time.parse_duration_ns(x) | some x in ["1h2m3.5s", "0", "-1.5h", "10ms", "1us", "7ns", ".5s"]]',
  'time.parse_duration_ns("1 h")',
  '[time.parse_rfc3339_ns(x) | some x in ["1970-01-01T00:00:00Z", "2023-11-14T22:13:20.123456789+02:00", "2024-02-29T00:00:00.5Z"]]',
  'time.parse_rfc3339_ns("2023-02-29T00:00:00Z")',
  'time.parse_rfc3339_ns("yesterday")',
  // documents
  '[json.patch({"a": [1, 2]}, ops) | some ops in [[{"op": "add", "path": "/a/1", "value": 9}], [{"op": "add", "path": "/a/-", "value": 9}], [{"op": "remove", "path": "/a/0"}], [{"op": "replace", "path": "/a", "value": {"x~/y": 1}}], [{"op": "move", "from": "/a/0", "path": "/b"}], [{"op": "copy", "from": "/a", "path": ["c"]}], [{"op": "test", "path": "/a/0", "value": 1}], []]]',
  'json.patch({"a": 1}, [{"op": "test", "path": "/a", "value": 2}])',
  'json.patch({"a": 1}, [{"op": "remove", "path": "/b"}])',
  'json.patch({"a/b": {"~": 1}}, [{"op": "replace", "path": "/a~1b/~0", "value": 2}])',
  '[object.subset({"a": {"b": 1, "c": {1, 2}}, "d": [1, 2, 3]}, x) | some x in [{"a": {"b": 1}}, {"a": {"c": {1}}}, {"d": [2, 3]}, {"d": [1, 3]}, {"e": 1}, {}]]',
  '[object.subset({1, 2}, {1}), object.subset([1, 2, 3], [2, 3]), object.subset([1, 2, 3], {3, 1}), object.subset({1}, {2})]',
];

describeWithTool('opa', 'builtins of the host', (opaPath) => {
  test('every builtin that policies may call exists, and no other', () => {
    expect(Object.keys(HOST_BUILTIN_TABLE).sort()).toEqual([...HOST_BUILTINS].sort());
  });

  test('the host says what opa itself says', async () => {
    const rules = EXPRESSIONS.map((text, index) => `deny contains {"case": ${index}, "value": ${text}}`);
    const policy = `package lab\n${rules.join('\n')}\n`;
    const host = await loadPolicy((await compileLab(opaPath, policy)).instrumented);
    const outcome = host.evaluate(labInput({}), 0);
    const ours = outcome.kind === 'result' ? (outcome.value as { lab: { deny: unknown } }).lab.deny : outcome;
    expect(byExpression(ours)).toEqual(byExpression(evaluateWithOpa(opaPath, policy, labInput({}))));
  });

  test('time.now_ns is the time of the decision', async () => {
    const host = await loadPolicy(
      (await compileLab(opaPath, 'package lab\ndeny contains time.now_ns()\n')).instrumented,
    );
    expect(host.evaluate(labInput({}), 1_700_000_000_123)).toMatchObject({
      value: { lab: { deny: [1_700_000_000_123_000_000] } },
    });
  });

  test('a builtin that cannot answer is undefined, and is told', async () => {
    const text = 'package lab\ndeny contains regex.replace("a", input.pattern, "b")\ndeny contains "still here"\n';
    const host = await loadPolicy((await compileLab(opaPath, text)).instrumented);
    expect(host.evaluate(labInput({ pattern: '(' }), 0)).toMatchObject({
      kind: 'result',
      value: { lab: { deny: ['still here'] } },
      builtinErrors: ['regex.replace: the pattern does not compile'],
    });
    expect(host.evaluate(labInput({ pattern: 'a' }), 0)).toMatchObject({
      value: { lab: { deny: ['b', 'still here'] } },
      builtinErrors: [],
    });
  });
});

function byExpression(decisions: unknown): Readonly<Record<string, unknown>> {
  const found = decisions as readonly { readonly case: number; readonly value: unknown }[];
  const values = new Map(found.map((decision) => [decision.case, decision.value]));
  return Object.fromEntries(
    EXPRESSIONS.map((text, index) => [text, values.has(index) ? values.get(index) : 'undefined']),
  );
}
