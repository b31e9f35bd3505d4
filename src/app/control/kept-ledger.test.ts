import { expect, test } from 'vitest';
import { digestOfText } from '../../core/base/digest.ts';
import { type RevisionLedger, startLedger } from '../../core/rollout/revision-ledger.ts';
import { KeptLedger } from './kept-ledger.ts';

const ledgerOf = (commit: string): RevisionLedger =>
  startLedger({ served: [{ digest: digestOfText(commit), commit, taken: true }], frozen: [], past: [] });
const shown = ({ ledger }: KeptLedger) => ledger.live?.commit;

test('a ledger is shown after its writes, and after those before it', async () => {
  const kept = new KeptLedger(ledgerOf('a'));
  const slow = Promise.withResolvers<void>();
  const first = kept.follow(ledgerOf('b'), [slow.promise]);
  const second = kept.follow(ledgerOf('c'), [undefined]);
  await Promise.resolve();
  expect(shown(kept)).toBe('a');
  slow.resolve();
  await first;
  expect(shown(kept)).toBe('b');
  await second;
  expect(shown(kept)).toBe('c');
});

test('a write that fails shows nothing, and holds up no later one', async () => {
  const kept = new KeptLedger(ledgerOf('a'));
  const broken = new Error('no disk');
  const first = kept.follow(ledgerOf('b'), [Promise.reject(broken)]);
  await expect(first).rejects.toBe(broken);
  expect(shown(kept)).toBe('a');
  await kept.follow(ledgerOf('c'), [Promise.resolve()]);
  expect(shown(kept)).toBe('c');
});
