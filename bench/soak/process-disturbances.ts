import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disturbance } from './disturbance.ts';
import type { SoakLab } from './soak-lab.ts';

/** Processes that end and come back, and secrets that change. */
export const PROCESS_DISTURBANCES: readonly Disturbance[] = [
  { name: 'another provider key', weight: 1, run: rotateSecret },
  { name: 'the control plane is killed and started', weight: 1, run: (lab) => restartControlPlane(lab, 'kill') },
  { name: 'the control plane is restarted in order', weight: 1, run: (lab) => restartControlPlane(lab, 'close') },
  { name: 'every decider is restarted, one after the other', weight: 1, run: (lab) => lab.restartDeciders() },
];

/** Proxies get the new value when its file is read again. */
export async function rotateSecret(lab: SoakLab): Promise<void> {
  await writeFile(join(lab.folder, 'cloud-key'), `sk-${randomBytes(24).toString('hex')}`, { mode: 0o600 });
}

/** Resolves when every proxy is back. */
export async function restartControlPlane(lab: SoakLab, how: 'kill' | 'close'): Promise<void> {
  await lab.restartControlPlane(how);
  await lab.settled();
}
