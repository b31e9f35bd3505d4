import { createHash } from 'node:crypto';
import type { ClientHttp2Session } from 'node:http2';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Digest } from '../../core/base/digest.ts';
import { type FetchChunk, FetchChunkSchema, FetchRequestSchema } from '../../gen/headgate/bundle/v1/bundle_pb.js';
import { GRPC_STATUS } from '../net/grpc-reply.ts';
import { BundleError } from './bundle-error.ts';
import { BUNDLE_SERVICE } from './bundle-server.ts';
import { openCall } from './client-call.ts';

/** What is there of a file that is on its way: kept over connections. */
interface Progress {
  version: string;
  total: number;
  bytes: number;
  pieces: Uint8Array[];
}

/** The largest tree with the largest policies is far below. */
const BUNDLE_BYTES_MAX = 256 * 1024 * 1024;
/** Connections that are lost while one bundle is fetched. */
const TRIES_MAX = 8;

/**
 * The file of a bundle. A connection that is lost is no loss of what came over it: the next one goes on where it ended.
 * @param connected the connection in use, or the next one when it is there; rejects where none is to be had in time
 * @throws BundleError `bundle-missing`, `bundle-damaged`, `bundle-unreachable`
 */
export async function fetchBundle(digest: Digest, connected: () => Promise<ClientHttp2Session>): Promise<Buffer> {
  const progress: Progress = { version: '', total: 0, bytes: 0, pieces: [] };
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const session = await connected();
    const { status, text } = await fetchSome(session, digest, progress);
    if (status === GRPC_STATUS.notFound) throw new BundleError('bundle-missing', `the control plane has no ${digest}`);
    if (status === GRPC_STATUS.ok) return whole(digest, progress);
    if (status !== GRPC_STATUS.unavailable) throw new BundleError('bundle-unreachable', `${digest}: ${text}`);
  }
  throw new BundleError('bundle-unreachable', `${digest} did not come over ${TRIES_MAX} connections`);
}

function fetchSome(
  session: ClientHttp2Session,
  digest: Digest,
  progress: Progress,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve) => {
    const call = openCall(session, `${BUNDLE_SERVICE}/Fetch`, {
      onMessage: (bytes) => {
        if (!take(progress, chunkOf(bytes))) call.cancel();
      },
      onEnd: (status, text) => resolve({ status, text }),
    });
    const request = { digest, offset: BigInt(progress.bytes), version: progress.version };
    call.send(toBinary(FetchRequestSchema, create(FetchRequestSchema, request)));
    call.halfClose();
  });
}

function chunkOf(bytes: Uint8Array): FetchChunk | undefined {
  try {
    return fromBinary(FetchChunkSchema, bytes);
  } catch {
    return undefined;
  }
}

/** False for what does not go on where the file ended. */
function take(progress: Progress, chunk: FetchChunk | undefined): boolean {
  if (chunk === undefined || chunk.total > BUNDLE_BYTES_MAX) return false;
  if (chunk.version !== progress.version) {
    if (chunk.offset !== 0n) return false;
    Object.assign(progress, { version: chunk.version, total: Number(chunk.total), bytes: 0, pieces: [] });
  }
  if (Number(chunk.offset) !== progress.bytes || progress.bytes + chunk.data.length > progress.total) return false;
  progress.pieces.push(chunk.data);
  progress.bytes += chunk.data.length;
  return true;
}

function whole(digest: Digest, { version, total, bytes, pieces }: Progress): Buffer {
  const file = Buffer.concat(pieces);
  const isWhole = bytes === total && createHash('sha256').update(file).digest('hex') === version;
  if (!isWhole) throw new BundleError('bundle-damaged', `${digest} came damaged`);
  return file;
}
