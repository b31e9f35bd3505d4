import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../policies/', import.meta.url));

let read: Promise<readonly { path: string; text: string }[]> | undefined;

/** The Rego packages that come with headgate (`headgate.*`), without their tests. Read once: they change by a release only. */
export function builtinPolicies(): Promise<readonly { path: string; text: string }[]> {
  read ??= readAll();
  return read;
}

async function readAll(): Promise<readonly { path: string; text: string }[]> {
  const entries = await readdir(ROOT, { recursive: true });
  const paths = entries.filter((path) => path.endsWith('.rego') && !path.endsWith('_test.rego')).sort();
  return Promise.all(
    paths.map(async (path) => ({ path: `policies/${path}`, text: await readFile(`${ROOT}${path}`, 'utf8') })),
  );
}
