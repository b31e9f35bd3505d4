import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { withListener } from '../../src/app/demo/steps/commit-changes.ts';
import { assert } from '../../src/core/base/assert.ts';
import { chosenFiles, FLEET, type TreeChoice } from './changing-tree.ts';
import type { Disturbance } from './disturbance.ts';
import type { SoakLab } from './soak-lab.ts';

/** Commits that must serve on every proxy, and commits that must serve nowhere. */
export const COMMIT_DISTURBANCES: readonly Disturbance[] = [
  {
    name: 'routes point to another cluster, the old one goes',
    weight: 8,
    run: repoint,
  },
  {
    name: 'the provider changes places with the pool',
    weight: 4,
    run: (lab) => serveChoice(lab, { ...lab.choice, providerFirst: !lab.choice.providerFirst }),
  },
  {
    name: 'another policy',
    weight: 2,
    run: (lab) => serveChoice(lab, { ...lab.choice, policy: lab.choice.policy + 1 }),
  },
  {
    name: 'a second listener comes or goes',
    weight: 2,
    run: (lab) => serveChoice(lab, { ...lab.choice, hasSecondListener: !lab.choice.hasSecondListener }),
  },
  {
    name: 'waves come or go',
    weight: 1,
    run: (lab) => serveChoice(lab, { ...lab.choice, hasWaves: !lab.choice.hasWaves }),
  },
  { name: 'the last commit is reverted', weight: 3, run: revert },
  { name: 'five commits at once', weight: 1, run: burst },
  { name: 'a commit that does not validate', weight: 2, run: brokenCommit },
  { name: 'a commit that Envoy refuses', weight: 1, run: refusedCommit },
];

/** The models are served by a cluster that was not there, and the one before goes. */
export async function repoint(lab: SoakLab): Promise<void> {
  await serveChoice(lab, { ...lab.choice, pool: lab.choice.pool + 1 });
}

/** Commits a tree; resolves when every proxy serves it. */
export async function serveChoice(lab: SoakLab, choice: TreeChoice): Promise<void> {
  const { id } = await lab.repository.commit('soak', chosenFiles(lab.tree, choice));
  lab.remember(choice);
  await lab.admin.reconcile();
  await lab.settled(id);
}

async function revert(lab: SoakLab): Promise<void> {
  const before = lab.choices.at(-2);
  if (before === undefined) return;
  await serveChoice(lab, before);
}

async function burst(lab: SoakLab): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    const choice = { ...lab.choice, pool: lab.choice.pool + 1 };
    await lab.repository.commit('burst', chosenFiles(lab.tree, choice));
    lab.remember(choice);
  }
  await serveChoice(lab, { ...lab.choice, providerFirst: !lab.choice.providerFirst });
}

async function brokenCommit(lab: SoakLab): Promise<void> {
  const good = chosenFiles(lab.tree, lab.choice);
  const route = 'routes/chat.yaml';
  const broken = good[route]?.replace('chat-next', 'chat-nobody') ?? '';
  assert(broken !== good[route], 'a route that names a model');
  await lab.repository.commit('broken', { [route]: broken });
  const { state } = await lab.admin.reconcile();
  assert(state === 'rejected', `a broken commit is rejected: ${state}`);
  await serveChoice(lab, lab.choice);
}

/** A listener at a port that is taken: every proxy would refuse it, and the first one does. */
async function refusedCommit(lab: SoakLab): Promise<void> {
  const holder = createServer();
  holder.listen(0, '0.0.0.0');
  await once(holder, 'listening');
  try {
    const { port } = holder.address() as AddressInfo;
    const fleet = chosenFiles(lab.tree, lab.choice)[FLEET] ?? '';
    await lab.repository.commit('refused', { [FLEET]: withListener(fleet, 'taken', port) });
    const { state } = await lab.admin.reconcile();
    assert(state === 'frozen', `a commit that a proxy refuses is frozen: ${state}`);
  } finally {
    holder.close();
  }
  await serveChoice(lab, lab.choice);
}
