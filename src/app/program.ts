import { Command } from 'commander';
import { VERSION } from './version.ts';

/** Each is loaded when it is asked for: to print one record no server, compiler or simulator need be loaded. */
const COMMANDS = new Map<string, () => Promise<Command>>([
  ['validate', async () => (await import('./commands/validate.ts')).validateCommand()],
  ['plan', async () => (await import('./commands/plan.ts')).planCommand()],
  ['test', async () => (await import('./commands/test.ts')).testCommand()],
  ['serve', async () => (await import('./commands/serve.ts')).serveCommand()],
  ['decide', async () => (await import('./commands/decide.ts')).decideCommand()],
  ['bootstrap', async () => (await import('./commands/bootstrap.ts')).bootstrapCommand()],
  ['status', async () => (await import('./commands/status.ts')).statusCommand()],
  ['fleet', async () => (await import('./commands/fleet.ts')).fleetCommand()],
  ['rollout', async () => (await import('./commands/rollout.ts')).rolloutCommand()],
  ['reconcile', async () => (await import('./commands/reconcile.ts')).reconcileCommand()],
  ['source', async () => (await import('./commands/source.ts')).sourceCommand()],
  ['records', async () => (await import('./commands/records.ts')).recordsCommand()],
  ['audit', async () => (await import('./commands/audit.ts')).auditCommand()],
  ['explain', async () => (await import('./commands/explain.ts')).explainCommand()],
  ['explain-code', async () => (await import('./commands/explain-code.ts')).explainCodeCommand()],
  ['fix', async () => (await import('./commands/fix.ts')).fixCommand()],
  ['init', async () => (await import('./commands/init.ts')).initCommand()],
  ['import', async () => (await import('./commands/import.ts')).importCommand()],
  ['fmt', async () => (await import('./commands/fmt.ts')).fmtCommand()],
  ['key', async () => (await import('./commands/key.ts')).keyCommand()],
  ['completion', async () => (await import('./commands/completion.ts')).completionCommand(createProgram)],
  ['demo', async () => (await import('./commands/demo.ts')).demoCommand()],
]);

/** The command line as commander knows it: with the one command that is asked for, or with all of them. */
export async function createProgram(asked?: string): Promise<Command> {
  const program = new Command('headgate')
    .description('A policy-as-code control plane for AI inference traffic: Git in, a running Envoy fleet out')
    .version(VERSION, '--version', 'print the version')
    .showHelpAfterError('(headgate --help lists the commands)')
    .addHelpText('after', '\nExample:\n  headgate init my-gateway\n  headgate validate my-gateway')
    .exitOverride();
  const load = COMMANDS.get(asked ?? '');
  for (const one of load === undefined ? COMMANDS.values() : [load]) program.addCommand((await one()).exitOverride());
  return program;
}
