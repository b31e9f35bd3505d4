import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const NAME_FILE = 'decider.name';

/** The name by which the control plane knows this decider: made once, and the same after every restart. */
export async function deciderName(stateDirectory: string): Promise<string> {
  const path = join(stateDirectory, NAME_FILE);
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (kept.trim() !== '') return kept.trim();
  const name = `decider-${randomBytes(6).toString('hex')}`;
  await writeFile(path, `${name}\n`, { mode: 0o600 });
  return name;
}
