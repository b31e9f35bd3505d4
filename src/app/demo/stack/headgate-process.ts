import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { OwnedProcess } from './owned-process.ts';

/** The launcher, as a user types it. */
export const LAUNCHER = fileURLToPath(new URL('../../../../bin/headgate', import.meta.url));

/** The addresses that `headgate serve` prints: `HOST:PORT` or `unix:PATH`. */
export interface HeadgateAddresses {
  readonly xds: string;
  readonly extProc: string;
  readonly admin: string;
}

/** A running `headgate serve`. */
export interface HeadgateProcess {
  readonly process: OwnedProcess;
  readonly addresses: HeadgateAddresses;
}

/**
 * Starts `headgate serve`, gives the process to its owner at once, and waits until it listens. Throws ProcessEnded with
 * its log when it does not.
 */
export async function startHeadgateProcess(
  settingsFile: string,
  logFile: string,
  own: (process: OwnedProcess) => void = () => undefined,
): Promise<HeadgateProcess> {
  const argv = ['serve', '--settings', settingsFile];
  const process = new OwnedProcess({
    name: 'headgate serve',
    program: LAUNCHER,
    argv,
    logFile,
    output: 'first-line',
  });
  own(process);
  return { process, addresses: JSON.parse(await process.firstLine()) as HeadgateAddresses };
}

/** Runs a command of headgate to its end and gives what it printed on standard output; throws when it fails. */
export async function runHeadgate(argv: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(LAUNCHER, [...argv]);
  return stdout;
}
