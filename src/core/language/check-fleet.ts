import { type Diagnostic, diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import type { Catalog } from './catalog.ts';
import { listedTwice } from './check-list.ts';
import { checkRollout } from './check-rollout.ts';
import type { DocumentOf } from './document.ts';
import { isIpAddress } from './ip-address.ts';

export function* checkFleets({ byKind }: Catalog): Generator<Diagnostic> {
  const clusters = new Map<string, Span>();
  for (const fleet of byKind.Fleet.values()) {
    yield* checkListeners(fleet);
    yield* checkRollout(fleet);
    const { cluster } = fleet.spec.match;
    const span = locate(fleet.source, ['spec', 'match', 'cluster']);
    const earlier = clusters.get(cluster);
    if (earlier === undefined) {
      clusters.set(cluster, span);
    } else {
      const related = [{ message: 'it is first claimed here', span: earlier }];
      yield diagnostic('HG3212', span, `the cluster ${quoted(cluster)} belongs to another fleet`, { related });
    }
  }
}

function* checkListeners(fleet: DocumentOf<'Fleet'>): Generator<Diagnostic> {
  const { listeners } = fleet.spec;
  const path = ['spec', 'listeners'];
  const names = listeners.map((listener) => listener.name);
  yield* listedTwice(fleet, path, names, (index) => [index, 'name']);
  const ports = new Map<number, number>();
  for (const [index, { address, port }] of listeners.entries()) {
    if (!isIpAddress(address)) {
      const span = locate(fleet.source, [...path, index, 'address']);
      yield diagnostic('HG3205', span, `${quoted(address)} is not an address`, { hint: 'write an IP address' });
    }
    const earlier = ports.get(port);
    if (earlier === undefined) {
      ports.set(port, index);
    } else {
      const related = [{ message: 'it is taken here', span: locate(fleet.source, [...path, earlier, 'port']) }];
      const span = locate(fleet.source, [...path, index, 'port']);
      yield diagnostic('HG3213', span, `the port ${port} has another listener`, {
        related,
        hint: 'choose another port',
      });
    }
  }
}
