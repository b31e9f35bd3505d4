import { isMap } from 'yaml';
import type { ReconcileAnswer } from '../../control/server-status.ts';
import type { MadeCommit } from '../stack/config-repository.ts';
import type { DemoStack } from '../stack/demo-stack.ts';
import { editDocuments } from '../stack/edit-documents.ts';

/** What came of a commit, and how long it took from the moment at which the branch moved. */
export interface Rollout {
  readonly answer: ReconcileAnswer;
  readonly elapsedMs: number;
}

/** Makes headgate look at once; resolves when the commit serves on every proxy, or is refused. */
export async function rollOut(stack: DemoStack, { movedAtMs }: MadeCommit): Promise<Rollout> {
  const answer = await stack.admin.reconcile();
  return { answer, elapsedMs: performance.now() - movedAtMs };
}

/** One line with the parts of the way of a commit. */
export function timingLine({ answer, elapsedMs }: Rollout, end: string): string {
  const { fetchMs, readMs, compileMs, acknowledgeMs } = answer.timings;
  const parts = `fetch ${ms(fetchMs)}, read ${ms(readMs)}, compile ${ms(compileMs)}, proxies ${ms(acknowledgeMs)}`;
  return `from the ref update to ${end}: ${ms(elapsedMs)} (${parts})`;
}

export const CHAT_ROUTE = 'routes/chat.yaml';
export const FLEET = 'fleets/edge.yaml';

/** The route with so many percent of its own tier at the newer model. */
export function withSplit(route: string, percent: number): string {
  return editDocuments(route, 'Route', (document) => {
    const split = [
      { model: 'chat-small', offers: ['own'], weight: 100 - percent },
      { model: 'chat-next', offers: ['own'], weight: percent },
    ];
    document.setIn(['spec', 'targets', 0], document.createNode({ split }));
  });
}

/** The fleet with one listener more. */
export function withListener(fleet: string, name: string, port: number): string {
  return editDocuments(fleet, 'Fleet', (document) => {
    const listener = document.createNode({ name, port });
    if (isMap(listener)) listener.flow = true;
    document.addIn(['spec', 'listeners'], listener);
  });
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}
