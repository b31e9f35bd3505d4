import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Envoy could not be run to its end: it does not start, or took too long. */
class EnvoyFailure extends Error {
  override readonly name = 'EnvoyFailure';
  readonly code = 'envoy-failed';
}

/** What Envoy says of a bootstrap; `message` is its own, in one line. */
export type EnvoyVerdict = { readonly accepted: true } | { readonly accepted: false; readonly message: string };

/** Thousands of clusters take seconds. */
const TIMEOUT_MS = 60_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const MESSAGE_CHARS_MAX = 2_000;
/** How Envoy begins the line that says why it does not start, and what its log puts before each line. */
const LOG_PREFIX = /^(\[[^\]]*\]\s*)+/;
const REFUSAL = /error initializing (?:configuration|config) '[^']*':?\s*/;

/**
 * Loads a bootstrap into `envoy --mode validate`, which listens nowhere and connects to nobody. `argv` are the arguments
 * it is always started with. Throws EnvoyFailure.
 */
export async function validateBootstrap(
  envoyPath: string,
  argv: readonly string[],
  bootstrap: unknown,
): Promise<EnvoyVerdict> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-envoy-'));
  try {
    const path = join(folder, 'bootstrap.json');
    await writeFile(path, JSON.stringify(bootstrap), { mode: 0o600 });
    const all = ['--mode', 'validate', '--config-path', path, '--log-level', 'error', ...argv];
    await promisify(execFile)(envoyPath, all, {
      cwd: folder,
      env: {},
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    return { accepted: true };
  } catch (cause) {
    const { code, stderr } = cause as { readonly code?: unknown; readonly stderr?: string };
    // A number is an exit status: Envoy ran to its end.
    if (typeof code !== 'number') throw new EnvoyFailure(`envoy could not check the tree at ${envoyPath}`, { cause });
    return { accepted: false, message: refusalIn(stderr ?? '') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function refusalIn(stderr: string): string {
  const lines = stderr.split('\n').map((text) => text.replace(LOG_PREFIX, '').trim());
  const said = lines.filter((text) => text !== '');
  const reason = said.find((text) => REFUSAL.test(text)) ?? said.at(-1) ?? 'no reason given';
  return reason.replace(REFUSAL, '').slice(0, MESSAGE_CHARS_MAX);
}
