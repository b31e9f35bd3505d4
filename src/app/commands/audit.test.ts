import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { openAuditLog } from '../../io/store/audit-log.ts';
import { AUDIT_FOLDER } from '../reporting/audit-folder.ts';
import { auditCommand } from './audit.ts';

let state: string;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'headgate-audit-command-'));
  const log = await openAuditLog(join(state, AUDIT_FOLDER), { nowMs: () => 0, onFailure: () => undefined });
  for (const entry of [{ kind: 'validated' }, { kind: 'serving' }]) log.append(entry);
  await log.close();
});
afterEach(() => {
  process.exitCode = undefined;
});
afterAll(() => rm(state, { recursive: true }));

async function printed(...argv: string[]): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await auditCommand().parseAsync(['verify', state, ...argv], { from: 'user' });
  const text = write.mock.calls.map(([piece]) => String(piece)).join('');
  write.mockRestore();
  return text;
}

test('a whole chain is told by its length and its last hash', async () => {
  expect(await printed()).toMatch(/^2 lines, the last is 2 sha256:[0-9a-f]{64}\n$/);
  expect(process.exitCode).toBeUndefined();
});

test('a broken one by the line at which it breaks, with exit code 1', async () => {
  const file = join(state, AUDIT_FOLDER, 'audit-000000000001.jsonl');
  await writeFile(file, (await readFile(file, 'utf8')).replace('serving', 'frozen'));
  const told = {
    kind: 'broken',
    file: 'audit-000000000001.jsonl',
    line: 2,
    why: 'its hash is not that of its content',
  };
  expect([await printed(), await printed('--json'), process.exitCode]).toEqual([
    ...[`${told.file}:2: ${told.why}\n`, `${JSON.stringify(told)}\n`, 1],
  ]);
});
