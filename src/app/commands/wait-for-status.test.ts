import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ServerStatus } from '../control/server-status.ts';
import { conditionOption, outcomeOf, waitForStatus } from './wait-for-status.ts';

const [OLD, NEW] = ['1'.repeat(40), '2'.repeat(40)] as const;

function status(ready: 'True' | 'False' | 'Unknown', parts: Partial<ServerStatus> = {}): ServerStatus {
  const condition = { type: 'Ready', status: ready, reason: 'x', message: 'y', lastTransitionTime: 'z' } as const;
  return { conditions: [condition], live: { commit: OLD, digest: 'sha256:a' }, ...parts } as ServerStatus;
}

test.each<[string, object]>([
  ['Ready', { type: 'Ready', status: 'True' }],
  ['Reconciling=False', { type: 'Reconciling', status: 'False' }],
])('%s is a condition', (text, condition) => {
  expect(conditionOption(text)).toEqual(condition);
});

test.each(['ready', 'Ready=yes', '', 'Ready=True=True '])('"%s" is none', (text) => {
  expect(() => conditionOption(text)).toThrow('write one of Ready, Reconciling');
});

const Ready = conditionOption('Ready');
const rejected = { kind: 'rejected', commit: NEW, diagnostics: '' } as const;

test.each<[string, ServerStatus, string | undefined, string]>([
  ['the condition', status('True'), undefined, 'met'],
  ['the condition, which is not there yet', status('Unknown'), undefined, 'open'],
  ['a commit that serves', status('True'), OLD.slice(0, 7), 'met'],
  ['a commit that nobody has seen yet', status('True'), NEW, 'open'],
  ['a commit that was rejected', status('False', { newest: rejected }), NEW, 'failed'],
  ['a commit while another was rejected', status('False', { newest: rejected }), '3'.repeat(40), 'open'],
])('to wait for %s', (_what, given, commit, outcome) => {
  expect(outcomeOf(given, { condition: Ready, ...(commit === undefined ? {} : { commit }) })).toBe(outcome);
});

describe('a wait', () => {
  let server: Server;
  let answers: ServerStatus[];
  beforeEach(async () => {
    server = createServer((_asked, answer) => {
      answer.end(JSON.stringify(answers.length > 1 ? answers.shift() : answers[0]));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.close();
  });
  const wait = (timeoutMs: number) => {
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return waitForStatus(at, { condition: Ready }, timeoutMs, 1);
  };

  test('ends when it came about', async () => {
    answers = [status('Unknown'), status('False'), status('True')];
    expect(await wait(60_000)).toEqual({ outcome: 'met', status: status('True') });
  });

  test('ends when its time is over', async () => {
    answers = [status('Unknown')];
    expect(await wait(5)).toEqual({ outcome: 'open', status: status('Unknown') });
  });

  test('fails where nobody answers', async () => {
    const nobody = waitForStatus('unix:/no/such.sock', { condition: Ready }, 5, 1);
    await expect(nobody).rejects.toMatchObject({ code: 'server-unreachable' });
  });
});
