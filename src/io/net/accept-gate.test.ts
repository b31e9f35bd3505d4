import { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { AcceptGate } from './accept-gate.ts';

const ends: (() => unknown)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
  vi.useRealTimers();
});

function gate(connectionsMax: number) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const refused: Socket[] = [];
  const opened = new AcceptGate({ connectionsMax, acceptsPerSecond: 100, onRefused: (each) => refused.push(each) });
  ends.push(() => opened.close());
  return { opened, refused };
}

function socket(): Socket {
  const made = new Socket();
  ends.push(() => made.destroy());
  return made;
}

test('F5: a storm of connections is taken at a rate, in its order', () => {
  const { opened } = gate(100);
  const accepted: number[] = [];
  for (let index = 0; index < 6; index += 1) opened.take(socket(), () => accepted.push(index));
  expect(accepted).toEqual([0, 1]);
  vi.advanceTimersByTime(20);
  expect(accepted).toEqual([0, 1, 2, 3]);
  vi.advanceTimersByTime(20);
  expect(accepted).toEqual([0, 1, 2, 3, 4, 5]);
});

test('F5: a connection that is reset while it waits ends itself alone', async () => {
  const { opened } = gate(100);
  const accepted: number[] = [];
  const sockets = Array.from({ length: 4 }, socket);
  for (const [index, each] of sockets.entries()) opened.take(each, () => accepted.push(index));
  const closed = new Promise((resolve) => sockets[2]?.once('close', resolve));
  sockets[2]?.destroy(new Error('read ECONNRESET'));
  vi.advanceTimersByTime(20);
  await closed;
  expect(accepted).toEqual([0, 1, 3]);
});

test('F5: a connection that goes while it waits is never taken', async () => {
  const { opened } = gate(100);
  const accepted: number[] = [];
  const sockets = Array.from({ length: 4 }, socket);
  for (const [index, each] of sockets.entries()) opened.take(each, () => accepted.push(index));
  const closed = new Promise((resolve) => sockets[2]?.once('close', resolve));
  sockets[2]?.destroy();
  await closed;
  vi.advanceTimersByTime(20);
  expect(accepted).toEqual([0, 1, 3]);
});

test('connections above the number are closed unheard', () => {
  const { opened, refused } = gate(1);
  const accepted: number[] = [];
  const [first, second] = [socket(), socket()];
  opened.take(first, () => accepted.push(1));
  opened.take(second, () => accepted.push(2));
  expect([accepted, refused, second.destroyed]).toEqual([[1], [second], true]);
});
