import { benchCommand } from './command.ts';
import { BENCHES } from './registry.ts';

process.exitCode = await benchCommand(process.argv.slice(2), BENCHES, {
  print: (line) => console.log(line),
  say: (line) => console.error(line),
});
