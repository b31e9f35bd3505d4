import { expect, onTestFinished, test } from 'vitest';
import { EngineProcessError, startEngineProcess } from './engine-process.ts';

async function started() {
  const engine = await startEngineProcess({ models: ['llama'], speed: { decodeTokensPerSecond: 10_000 } });
  onTestFinished(() => engine.kill());
  return engine;
}

function ask(address: string): Promise<Response> {
  return fetch(`http://${address}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'llama', messages: [{ role: 'user', content: 'reply: ok' }] }),
  });
}

test('an engine in a process answers, obeys and reports', async () => {
  const engine = await started();
  const answered = await ask(engine.address);
  await engine.fault({ kind: 'status', status: 503, count: 1 });
  const failed = await ask(engine.address);
  const seen = (await engine.requests()).map(({ model, status, outcome }) => ({ model, status, outcome }));
  expect({ statuses: [answered.status, failed.status], seen, stats: await engine.stats() }).toEqual({
    statuses: [200, 503],
    seen: [
      { model: 'llama', status: 200, outcome: 'answered' },
      { model: 'llama', status: 503, outcome: 'answered' },
    ],
    stats: {
      running: 0,
      waiting: 0,
      kvUsage: 0,
      promptTokens: 8,
      generationTokens: 1,
      prefixHitTokens: 0,
      finished: 1,
      aborted: 0,
    },
  });
});

test('a killed process refuses connections and commands', async () => {
  const engine = await started();
  await engine.kill();
  const refused = await ask(engine.address).catch((error: Error) => (error.cause as NodeJS.ErrnoException).code);
  await expect(engine.stats()).rejects.toThrow(EngineProcessError);
  await engine.kill();
  expect(refused).toBe('ECONNREFUSED');
});

test('it ends when its input does', async () => {
  const engine = await started();
  const { pid } = engine;
  await engine.close();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a process that cannot listen is told', async () => {
  const engine = await started();
  const port = Number(engine.address.split(':')[1]);
  await expect(startEngineProcess({ models: ['llama'], port })).rejects.toThrow(
    `a simulated engine cannot start: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
  );
});
