import { createHash } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Digest } from '../../core/base/digest.ts';
import { FetchChunkSchema, FetchRequestSchema } from '../../gen/headgate/bundle/v1/bundle_pb.js';
import type { GrpcCall, GrpcMethod, GrpcReceiver } from '../net/grpc-method.ts';
import { GRPC_STATUS } from '../net/grpc-reply.ts';
import { type CountersByKey, decodeDeciderMessage, encodeInUse, type Hello, type InUse } from './bundle-messages.ts';

export const BUNDLE_SERVICE = '/headgate.bundle.v1.BundleService';

/** One connected decider, as the control plane sees it. */
export interface DeciderCall {
  readonly hello: Hello;
  readonly peer: string;
  /** Of its certificate, empty without TLS. */
  readonly certificateNames: string;
  tell(inUse: InUse): void;
  /** Ends the call: the decider calls again after a while. */
  end(reason: string): void;
}

export interface BundleServiceOptions {
  /** Why a caller may not be served, undefined where it may. The names are the certificate's, empty without TLS. */
  readonly authorize: (certificateNames: string) => string | undefined;
  readonly onJoined: (call: DeciderCall) => void;
  readonly onHeld: (call: DeciderCall, digests: readonly Digest[]) => void;
  readonly onCounters: (call: DeciderCall, counters: CountersByKey) => void;
  readonly onLeaving: (call: DeciderCall) => void;
  /** The call is over, whatever was said before. */
  readonly onGone: (call: DeciderCall, reason: string) => void;
  /** The file of a bundle, undefined where it is not there. */
  readonly read: (digest: Digest) => Promise<Uint8Array | undefined>;
}

/** A decider tells its totals once a second; those of a thousand digests with all buckets are below this. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
const FETCH_BYTES_MAX = 4 * 1024;
/** Small beside a message of gRPC, large beside its frame. */
const CHUNK_BYTES = 256 * 1024;

/** The methods of headgate.bundle.v1, for a gRPC server. */
export function bundleMethods(options: BundleServiceOptions): GrpcMethod[] {
  return [
    {
      path: `${BUNDLE_SERVICE}/Subscribe`,
      requestBytesMax: MESSAGE_BYTES_MAX,
      open: (call) => admitted(call, options) ?? subscription(call, options),
    },
    {
      path: `${BUNDLE_SERVICE}/Fetch`,
      requestBytesMax: FETCH_BYTES_MAX,
      open: (call) => admitted(call, options) ?? fetching(call, options),
    },
  ];
}

const DEAF: GrpcReceiver = {
  message() {
    // the call has ended
  },
  halfClosed() {
    // the call has ended
  },
  closed() {
    // the call has ended
  },
};

/** What hears a call that may not be served; undefined where it may. */
function admitted(call: GrpcCall, { authorize }: BundleServiceOptions): GrpcReceiver | undefined {
  const refusal = authorize(call.certificateNames);
  if (refusal === undefined) return undefined;
  call.end(GRPC_STATUS.permissionDenied, refusal);
  return DEAF;
}

function subscription(call: GrpcCall, options: BundleServiceOptions): GrpcReceiver {
  let decider: DeciderCall | undefined;
  return {
    message(bytes) {
      const message = decodeDeciderMessage(bytes);
      if (message === undefined || (decider === undefined) !== (message.kind === 'hello')) {
        call.end(GRPC_STATUS.invalidArgument);
        return;
      }
      if (message.kind === 'hello') {
        decider = {
          hello: message.hello,
          peer: call.peer,
          certificateNames: call.certificateNames,
          tell: (inUse) => call.write(encodeInUse(inUse)),
          end: (reason) => call.end(GRPC_STATUS.unavailable, reason),
        };
        options.onJoined(decider);
        return;
      }
      if (decider === undefined) return;
      if (message.kind === 'held') options.onHeld(decider, message.digests);
      else if (message.kind === 'counters') options.onCounters(decider, message.counters);
      else options.onLeaving(decider);
    },
    halfClosed: () => call.end(GRPC_STATUS.ok),
    closed(reason) {
      if (decider !== undefined) options.onGone(decider, reason);
    },
  };
}

function fetching(call: GrpcCall, { read }: BundleServiceOptions): GrpcReceiver {
  let isAsked = false;
  let isOver = false;
  const answer = async (bytes: Uint8Array): Promise<void> => {
    const request = fromBinary(FetchRequestSchema, bytes);
    const file = await read(request.digest as Digest);
    if (file === undefined) {
      call.end(GRPC_STATUS.notFound, 'no such bundle');
      return;
    }
    const version = createHash('sha256').update(file).digest('hex');
    const isSame = request.version === version && request.offset <= file.length;
    let offset = isSame ? Number(request.offset) : 0;
    const next = (): void => {
      if (isOver) return;
      if (offset === file.length) {
        call.end(GRPC_STATUS.ok);
        return;
      }
      const data = file.subarray(offset, offset + CHUNK_BYTES);
      const chunk = { offset: BigInt(offset), total: BigInt(file.length), version, data };
      offset += data.length;
      // One chunk at a time: a slow reader costs one bundle of memory and no more.
      call.write(toBinary(FetchChunkSchema, create(FetchChunkSchema, chunk)), next);
    };
    next();
  };
  return {
    message(bytes) {
      if (isAsked) return;
      isAsked = true;
      answer(bytes).catch(() => call.end(GRPC_STATUS.invalidArgument));
    },
    halfClosed() {
      if (!isAsked) call.end(GRPC_STATUS.invalidArgument);
    },
    closed() {
      isOver = true;
    },
  };
}
