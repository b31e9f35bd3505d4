import { spawn } from 'node:child_process';

/** opa could not be run to its end: it is missing, took too long, or printed more than we read. */
export class OpaFailure extends Error {
  override readonly name = 'OpaFailure';
  readonly code: 'opa-missing' | 'opa-deadline' | 'opa-output' | 'opa-failed';

  constructor(code: OpaFailure['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface OpaCall {
  /** The program itself. */
  readonly opaPath: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface OpaExit {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The parsed form of the largest module that we accept stays below this. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Runs opa in `cwd` with nothing of our environment: policies of a commit must compile the same everywhere, and our
 * secrets are none of their business. The deadline kills the whole process group. Throws OpaFailure.
 */
export function runOpa(call: OpaCall, cwd: string, args: readonly string[]): Promise<OpaExit> {
  return new Promise((resolve, reject) => {
    const child = spawn(call.opaPath, args, {
      cwd,
      env: { HOME: cwd, GOMAXPROCS: '2' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let failure: OpaFailure | undefined;
    const stop = (reason: OpaFailure) => {
      failure ??= reason;
      if (child.pid !== undefined) killGroup(child.pid);
    };
    const timer = setTimeout(
      () => stop(new OpaFailure('opa-deadline', `opa ${args[0]} took longer than ${call.timeoutMs} ms`)),
      call.timeoutMs,
    );
    const onAbort = () => stop(new OpaFailure('opa-deadline', `opa ${args[0]} was called off`));
    call.signal?.addEventListener('abort', onAbort);
    if (call.signal?.aborted === true) onAbort();

    const collect = (stream: NodeJS.ReadableStream): Buffer[] => {
      const chunks: Buffer[] = [];
      let total = 0;
      stream.on('data', (chunk: Buffer) => {
        total += chunk.length;
        if (total > OUTPUT_BYTES_MAX) stop(new OpaFailure('opa-output', `opa ${args[0]} printed too much`));
        else chunks.push(chunk);
      });
      return chunks;
    };
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    const settle = () => {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', onAbort);
    };
    child.on('error', (cause) => {
      settle();
      reject(new OpaFailure('opa-missing', `opa cannot be started at ${call.opaPath}`, { cause }));
    });
    child.on('close', (status) => {
      settle();
      if (failure !== undefined) reject(failure);
      else resolve({ status: status ?? -1, stdout: text(stdout), stderr: text(stderr) });
    });
  });
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group ended by itself in the meantime.
  }
}
