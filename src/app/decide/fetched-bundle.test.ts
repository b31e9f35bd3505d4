import { expect, test } from 'vitest';
import { fixtureIr, ROUTE } from '../../../test/support/revision-fixture.ts';
import type { Digest } from '../../core/base/digest.ts';
import type { CompiledGuardrailRow } from '../../core/policy/policy-index.ts';
import { encodeBundle } from '../../io/store/bundle-file.ts';
import { type Bundle, bundleOf, bundleParts } from '../revision/bundle.ts';
import { fetchedBundle } from './fetched-bundle.ts';

const row = { source: `sha256:${'0'.repeat(64)}`, rules: ['deny'], reads: [['messages']], places: [] } as const;
const index = { guardrails: { secrets: row } };
const bundle = bundleOf(fixtureIr({ routes: [ROUTE] }), { wasm: Uint8Array.of(1, 2, 3), index }, 'c1');
const other = bundleOf(fixtureIr({ routes: [] }), { wasm: new Uint8Array(0), index }, 'c2');

function fileOf(content: Bundle, digest: Digest): Buffer {
  const manifest = { digest, commit: content.commit, createdAt: 0 };
  return Buffer.concat(encodeBundle({ manifest, parts: bundleParts(content) }));
}

test('a bundle comes over the network as it was', () => {
  const fetched = fetchedBundle(bundle.digest, fileOf(bundle, bundle.digest));
  expect(JSON.parse(JSON.stringify(fetched))).toEqual(JSON.parse(JSON.stringify(bundle)));
});

/** The same with an index of its own. */
function blind(change: Partial<CompiledGuardrailRow>): Bundle {
  return { ...bundle, policyIndex: { guardrails: { secrets: { ...row, ...change } } } };
}

const damaged = fileOf(bundle, bundle.digest);
damaged[damaged.length - 1] = 7;

test.each<[string, Buffer]>([
  ['with one byte changed', damaged],
  ['that says it is another one', fileOf(other, other.digest)],
  ['that holds another one than it says', fileOf(other, bundle.digest)],
  ['by which the policies see less', fileOf(blind({ reads: [] }), bundle.digest)],
  ['by which fewer rules count', fileOf(blind({ rules: [] }), bundle.digest)],
  ['of no byte', Buffer.alloc(0)],
  ['of something else', Buffer.from('headgate-bundle-1 nothing\n')],
])('a file %s is refused', (_what, file) => {
  expect(() => fetchedBundle(bundle.digest, file)).toThrow(expect.objectContaining({ code: 'bundle-damaged' }));
});
