import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { type AuditVerdict, verifyAudit } from '../../io/store/audit-chain.ts';
import { AUDIT_FOLDER } from '../reporting/audit-folder.ts';
import { EXIT_FINDINGS } from './exit.ts';

export function auditCommand(): Command {
  return new Command('audit')
    .description('Look at the audit file of a state folder')
    .addCommand(verifyCommand())
    .addHelpText('after', '\nExample:\n  headgate audit verify state');
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('Check that no line of the audit file was changed, taken out or put elsewhere')
    .argument('<state>', 'the state folder of the server')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExample:\n  headgate audit verify state --json')
    .action(async (state: string, { json }: { readonly json?: true }) => {
      const verdict = await verifyAudit(join(resolve(state), AUDIT_FOLDER));
      process.stdout.write(`${json === true ? JSON.stringify(verdict) : verdictText(verdict)}\n`);
      if (verdict.kind === 'broken') process.exitCode = EXIT_FINDINGS;
    });
}

function verdictText(verdict: AuditVerdict): string {
  switch (verdict.kind) {
    case 'whole':
      return `${verdict.lines} lines, the last is ${verdict.last.sequence} ${verdict.last.hash}`;
    case 'broken':
      return `${verdict.file}:${verdict.line}: ${verdict.why}`;
  }
}
