import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AdminApi, type AdminSource, startAdminApi } from './admin-api.ts';

const notAsked = () => {
  throw new Error('nobody asks for it here');
};
const source: AdminSource = {
  ...{
    status: notAsked,
    fleet: notAsked,
    source: {} as never,
    rollout: {} as never,
    reconcile: notAsked,
    record: notAsked,
    records: notAsked,
    metrics: notAsked,
  },
  ready: () => true,
};
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-admin-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the admin API listens', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1', 'localhost'])('not on %s, which others may reach', async (host) => {
    await expect(startAdminApi({ host, port: 0 }, source)).rejects.toMatchObject({ code: 'admin-insecure-listener' });
  });

  test('on a Unix socket for its owner and group, also where a dead process left one', async () => {
    const path = join(folder, 'admin.sock');
    leaveSocket(path);
    const api = await startAdminApi({ path }, source);
    const answer = await ask({ socketPath: path });
    const mode = statSync(path).mode & 0o777;
    await api.close();
    expect([answer, mode]).toEqual([{ status: 200, body: '{"status":"ok"}' }, 0o660]);
  });

  test('not on a socket that another process serves', async () => {
    const path = join(folder, 'admin.sock');
    const api = await startAdminApi({ path }, source);
    await expect(startAdminApi({ path }, source)).rejects.toMatchObject({ code: 'admin-listen-failed' });
    await api.close();
  });
});

describe('the admin API answers', () => {
  let api: AdminApi;
  beforeEach(async () => {
    api = await startAdminApi({ host: '127.0.0.1', port: 0 }, source);
  });
  afterEach(() => api.close());

  test.each<[string, Readonly<Record<string, string>>, number]>([
    ['by address', { host: '127.0.0.1:18002' }, 200],
    ['by address of IPv6', { host: '[::1]:18002' }, 200],
    ['by the name localhost', { host: 'localhost' }, 200],
    ['by a name that somebody made point to us', { host: 'rebound.example:18002' }, 403],
    ['by a name that begins like an address', { host: '127.0.0.1.example' }, 403],
    ['from a page', { host: '127.0.0.1', origin: 'https://page.example' }, 403],
    ['from a page without an origin of its own', { host: '127.0.0.1', origin: 'null' }, 403],
  ])('who asks %s: %o, %i', async (_who, headers, status) => {
    const { port } = api.address as { port: number };
    expect((await ask({ host: '127.0.0.1', port, headers })).status).toBe(status);
  });
});

/** A socket file that nobody serves, as a killed process leaves it. */
function leaveSocket(path: string): void {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  try {
    execFileSync(process.execPath, ['-e', script]);
  } catch {
    // it was killed, as it should be
  }
}

function ask(options: object): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ path: '/readyz', ...options }, async (response) => {
      resolve({ status: response.statusCode, body: await text(response) });
    });
    asked.once('error', reject);
    asked.end();
  });
}
