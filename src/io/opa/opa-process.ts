import { spawn } from 'node:child_process';

/** opa could not be run to its end: it is missing, took too long, or printed more than we read. */
export class OpaFailure extends Error {
  override readonly name = 'OpaFailure';
  readonly code: OpaFailureCode;

  constructor(message: string, { code, cause }: { readonly code: OpaFailureCode; readonly cause?: unknown }) {
    super(message, { cause });
    this.code = code;
  }
}

type OpaFailureCode = 'opa-missing' | 'opa-deadline' | 'opa-output' | 'opa-failed';

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
      () => stop(new OpaFailure(`opa ${args[0]} took longer than ${call.timeoutMs} ms`, { code: 'opa-deadline' })),
      call.timeoutMs,
    );
    const onAbort = () => stop(new OpaFailure(`opa ${args[0]} was called off`, { code: 'opa-deadline' }));
    call.signal?.addEventListener('abort', onAbort);
    if (call.signal?.aborted === true) onAbort();

    const collect = (stream: NodeJS.ReadableStream): Buffer[] => {
      const chunks: Buffer[] = [];
      let total = 0;
      stream.on('data', (chunk: Buffer) => {
        total += chunk.length;
        if (total > OUTPUT_BYTES_MAX) stop(new OpaFailure(`opa ${args[0]} printed too much`, { code: 'opa-output' }));
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
      reject(new OpaFailure(`opa cannot be started at ${call.opaPath}`, { code: 'opa-missing', cause }));
    });
    child.on('close', (status) => {
      settle();
      if (failure === undefined) resolve({ status: status ?? -1, stdout: text(stdout), stderr: text(stderr) });
      else reject(failure);
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
