import { createInterface } from 'node:readline';
import type { Json } from '../../core/base/canonical-json.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EngineCommand, EngineGreeting } from './engine-process.ts';
import { type Engine, startEngine } from './start-engine.ts';

// One simulated engine as a process: `node main.ts '{"models":["llama"]}'`. Its options are EngineOptions as JSON. It
// prints {"address":"ip:port"} or {"error":"..."}, then answers every command, a line of JSON on its standard input,
// with a line of JSON. It ends when that input ends, so no engine outlives who started it.
try {
  const engine = await startEngine(JSON.parse(process.argv[2] ?? '{}') as EngineOptions);
  greet({ address: engine.address });
  for await (const line of createInterface({ input: process.stdin })) print(obey(engine, JSON.parse(line)));
  await engine.close();
} catch (error) {
  greet({ error: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}

function greet(greeting: EngineGreeting): void {
  print({ ...greeting });
}

function print(answer: Json): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

function obey(target: Engine, command: EngineCommand): Json {
  switch (command.do) {
    case 'fault':
      target.fault(command.fault);
      return {};
    case 'stats':
      return { ...target.stats() };
    case 'requests':
      return target.requests.map((seen) => ({ ...seen }) as unknown as Json);
  }
}
