import type { Digest } from '../../core/base/digest.ts';
import { bundleMethods } from '../../io/bundles/bundle-server.ts';
import type { GrpcFailure } from '../../io/net/grpc-method.ts';
import { startGrpcServer } from '../../io/net/grpc-server.ts';
import type { ListenAddress } from '../../io/net/listen-address.ts';
import type { DecidersSettings } from '../settings/deciders-settings.ts';
import type { TlsSource } from '../settings/tls-source.ts';
import { deciderRefusal } from './decider-admission.ts';
import { DeciderRegistration, type RegistrationOptions } from './decider-registration.ts';
import type { RemoteDeciderStatus } from './decider-statuses.ts';

/** The deciders of their own that registered with this control plane. */
export interface RemoteDeciders {
  /**
   * Resolves when all that are connected hold a revision. One that does not in time is left out: proxies are sent to it
   * again when it does.
   */
  readonly hold: (digest: Digest) => Promise<void>;
  /** What is in use may have changed. It is looked at once a second anyway. */
  readonly refresh: () => void;
  /** By name. */
  readonly status: () => readonly RemoteDeciderStatus[];
  /** Where they get revisions, with the port in use. */
  readonly address: ListenAddress;
  /** Resolves when all that is to be kept is on the disk. */
  readonly close: () => Promise<void>;
}

export interface RemoteDecidersOptions extends Omit<RegistrationOptions, 'isSecure'> {
  readonly settings: DecidersSettings;
  readonly tls: TlsSource | undefined;
  /** Hears what peers do wrong below the protocol. */
  readonly onPeerFailure: (failure: GrpcFailure) => void;
  /** The file of a bundle, undefined where it is not there. */
  readonly read: (digest: Digest) => Promise<Uint8Array | undefined>;
}

const REFRESH_MS = 1_000;

/** Serves revisions to deciders, and tells all proxies of those that hold what is required. Throws GrpcListenError. */
export async function startRemoteDeciders(options: RemoteDecidersOptions): Promise<RemoteDeciders> {
  const { settings } = options;
  // A Unix socket is for this machine alone.
  const tls = 'path' in settings.listen ? undefined : options.tls;
  const registration = new DeciderRegistration({ ...options, isSecure: options.tls !== undefined });
  await registration.recall();
  const server = await startGrpcServer({
    listen: [settings.listen],
    tls: tls?.current(),
    methods: bundleMethods({
      authorize: (names) => deciderRefusal(settings, tls !== undefined, names),
      onJoined: (call) => registration.joined(call),
      onHeld: (call, digests) => registration.holds(call, digests),
      onCounters: (call, counters) => registration.counted(call, counters),
      onLeaving: (call) => registration.leaving(call),
      onGone: (call, reason) => registration.gone(call, reason),
      read: options.read,
    }),
    onFailure: options.onPeerFailure,
  });
  tls?.follow((renewed) => server.replaceCertificate(renewed));
  const timer = setInterval(() => registration.refresh(), REFRESH_MS);
  timer.unref();
  return {
    address: server.addresses[0] ?? settings.listen,
    hold: (digest) => registration.hold(digest),
    refresh: () => registration.refresh(),
    status: () => registration.status(),
    close: async () => {
      clearInterval(timer);
      server.close();
      await registration.saved();
    },
  };
}
