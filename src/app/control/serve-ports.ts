import type { Records } from '../../io/store/records.ts';
import { requiredTool } from '../../io/tools/find-tool.ts';
import type { Log } from '../log.ts';
import { createPolicyCompiler } from '../revision/policy-compiler.ts';
import type { BootSettings } from '../settings/boot-settings.ts';
import { treeContext } from '../settings/tree-context.ts';
import type { BundleShelf } from './bundle-shelf.ts';
import { createChangeGuard } from './change-guard.ts';
import { controlFailure } from './control-failure.ts';
import type { ControlPorts } from './control-ports.ts';
import type { RunningFleetServer } from './fleet-server.ts';
import type { RevisionCounts } from './revision-counts.ts';

interface ServeParts extends Pick<ControlPorts, 'publisher' | 'onEvent'> {
  readonly settings: BootSettings;
  readonly shelf: BundleShelf;
  readonly fleet: RunningFleetServer;
  readonly counts: RevisionCounts;
  readonly records: Pick<Records, 'latest'>;
  readonly log: Log;
}

/** The control plane's world in a process that serves. */
export function servePorts(parts: ServeParts): ControlPorts {
  const { settings, shelf, fleet, counts, records, publisher, onEvent, log } = parts;
  return {
    compilePolicies: createPolicyCompiler(requiredTool('opa')),
    context: treeContext(settings),
    publisher,
    judgeChange: createChangeGuard((count) => records.latest(count)),
    hold: shelf.hold,
    keep: shelf.keep,
    keepFrozen: shelf.keepFrozen,
    keepProgress: shelf.keepProgress,
    proxies: fleet.proxies,
    isExpecting: fleet.isExpecting,
    proxiesReturned: fleet.proxiesReturned,
    counters: counts.of,
    monotonicMs: () => performance.now(),
    onFailure: controlFailure(log),
    onEvent,
  };
}
