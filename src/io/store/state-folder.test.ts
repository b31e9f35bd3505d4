import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStateFolder } from './state-folder.ts';

let parent: string;
let path: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'headgate-state-'));
  path = join(parent, 'state');
});
afterEach(() => rmSync(parent, { recursive: true }));

const modeOf = (folder: string): number => statSync(folder).mode & 0o777;

test('the folder is for its owner alone, also one that was there', async () => {
  const made = await openStateFolder(path);
  made.close();
  const fresh = modeOf(path);
  chmodSync(path, 0o755);
  const found = await openStateFolder(path);
  found.close();
  expect([fresh, modeOf(path)]).toEqual([0o700, 0o700]);
});

test('a second process is told which one has the folder', async () => {
  const folder = await openStateFolder(path);
  await expect(openStateFolder(path)).rejects.toMatchObject({
    code: 'store-locked',
    message: `process ${process.pid} has the state folder ${path}`,
  });
  folder.close();
  const next = await openStateFolder(path);
  next.close();
});

test('a process that was killed leaves no lock', async () => {
  const script = `
    const { openStateFolder } = await import(${JSON.stringify(new URL('state-folder.ts', import.meta.url).href)});
    globalThis.folder = await openStateFolder(${JSON.stringify(path)});
    console.log('held');
    setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await expect(openStateFolder(path)).rejects.toMatchObject({
    code: 'store-locked',
    message: `process ${child.pid} has the state folder ${path}`,
  });
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const folder = await openStateFolder(path);
  folder.close();
});

test('a folder that cannot be made is told as such', async () => {
  writeFileSync(path, 'a file');
  await expect(openStateFolder(path)).rejects.toMatchObject({ code: 'store-unwritable' });
});
