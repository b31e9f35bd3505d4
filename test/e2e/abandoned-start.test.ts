import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startStack } from '../../src/app/demo/stack/demo-stack.ts';
import { waitUntil } from '../../src/app/demo/stack/wait-until.ts';
import { describeWithTool } from '../support/require-tool.ts';

describeWithTool('envoy', 'a gateway that is given up while it starts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-abandoned-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('leaves no process behind', async () => {
    const owned = new AsyncDisposableStack();
    const starting = startStack(owned, { folder });
    const pid = await waitUntil('headgate serve, which says who it is before it listens', () => {
      try {
        return Number(readFileSync(join(folder, 'state/lock.pid'), 'utf8')) || undefined;
      } catch {
        return undefined;
      }
    });
    await Promise.all([owned.disposeAsync(), expect(starting).rejects.toThrow()]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
