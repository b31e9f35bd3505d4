import { spawn } from 'node:child_process';

export interface CommandResult {
  readonly status: number;
  /** Both outputs, in the order in which they arrived. */
  readonly output: string;
}

/** Runs a program of the repository to its end. */
export function runCommand(argv: readonly [string, ...string[]], cwd: string): Promise<CommandResult> {
  const [program, ...rest] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    const pieces: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
    }
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, output: pieces.join('') }));
  });
}

/** The lines of a failed command's output; none for one that succeeded. */
export function failureLines({ status, output }: CommandResult): string[] {
  if (status === 0) return [];
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 ? lines : [`ended with status ${status} and no word`];
}
