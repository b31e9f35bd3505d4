import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listenOn } from './listen-address.ts';

test('a server goes on where the system gives it no connection', async () => {
  const server = createServer();
  const failures: Error[] = [];
  await listenOn(server, { host: '127.0.0.1', port: 0 }, (failure) => failures.push(failure));
  const cause = Object.assign(new Error('accept ENFILE'), { code: 'ENFILE' });
  server.emit('error', cause);
  server.emit('error', cause);
  expect([failures, server.listening]).toEqual([[cause, cause], true]);
  await new Promise((resolve) => server.close(resolve));
});
