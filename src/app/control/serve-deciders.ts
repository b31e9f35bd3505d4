import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { deciderEndpoints } from '../../core/envoy/decider-clusters.ts';
import { readBundleFile } from '../../io/store/bundles.ts';
import type { Log } from '../log.ts';
import { peerFailures } from '../peer-failures.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import type { TlsSource } from '../settings/tls-source.ts';
import type { ControlPlane } from './control-plane.ts';
import type { ControlPorts } from './control-ports.ts';
import type { RunningFleetServer } from './fleet-server.ts';
import { type RemoteDeciders, startRemoteDeciders } from './remote-deciders.ts';
import type { RevisionCounts } from './revision-counts.ts';

export interface ServedDeciders {
  readonly settings: BootSettings;
  readonly tls: TlsSource | undefined;
  readonly plane: ControlPlane;
  readonly fleet: RunningFleetServer;
  readonly counts: RevisionCounts;
  readonly log: Log;
  readonly registry: Registry;
}

/** The ports of a control plane that has deciders of their own hold a revision too, before any proxy can name it. */
export function withDeciders(ports: ControlPorts, deciders: () => RemoteDeciders | undefined): ControlPorts {
  return {
    ...ports,
    hold: async (bundle) => {
      await ports.hold(bundle);
      await deciders()?.hold(bundle.digest);
    },
    onEvent: (event) => {
      ports.onEvent(event);
      deciders()?.refresh();
    },
  };
}

/** Serves deciders of their own where the settings say so; else proxies are told that there is none. */
export async function serveDeciders(parts: ServedDeciders): Promise<RemoteDeciders | undefined> {
  const { settings, tls, plane, fleet, counts, log, registry } = parts;
  const publish = fleet.server.setShared.bind(fleet.server);
  if (settings.deciders === undefined) {
    publish([deciderEndpoints([])]);
    return undefined;
  }
  const { stateDirectory } = settings;
  return await startRemoteDeciders({
    ...{ settings: settings.deciders, tls, stateDirectory, counts, publish, log },
    onPeerFailure: peerFailures('bundles', registry, log),
    standing: () => ({ live: plane.ledger.live?.digest, candidate: plane.ledger.candidate?.digest }),
    required: () => plane.digests,
    named: () => [...fleet.digests()],
    read: (digest) => readBundleFile(join(stateDirectory, 'bundles'), digest),
  });
}
