import type { ServerHttp2Stream } from 'node:http2';
import { createFrameSplitter, splitFrames } from '../../core/base/grpc-frame.ts';
import { decodeText } from '../../core/exchange/codec/decode-text.ts';
import { type Cursor, lengthDelimited, readEnd, readTag, skipField } from '../../core/exchange/codec/wire-reader.ts';
import { answerStatus, GRPC_STATUS, openAnswer } from '../net/grpc-reply.ts';

export const HEALTH_CHECK_PATH = '/grpc.health.v1.Health/Check';

/** The question holds one service name. */
const QUESTION_BYTES_MAX = 1024;

/** HealthCheckResponse {status: SERVING} and {status: NOT_SERVING}, in their gRPC frames. */
const SERVING = Uint8Array.of(0, 0, 0, 0, 2, 8, 1);
const NOT_SERVING = Uint8Array.of(0, 0, 0, 0, 2, 8, 2);

/** Is this process alive (`liveness`), and does it want requests (every other name)? */
export type HealthServices = ReadonlyMap<string, () => boolean>;

/** Answers grpc.health.v1.Health/Check: NOT_FOUND for a name that `services` lacks. */
export function answerHealthCheck(stream: ServerHttp2Stream, services: HealthServices): void {
  const splitter = createFrameSplitter(QUESTION_BYTES_MAX);
  let answered = false;
  stream.on('error', () => {
    // the caller is gone: there is nobody to tell
  });
  stream.on('data', (piece: Uint8Array) => {
    if (answered) return;
    const split = splitFrames(splitter, piece);
    if (split.ok && split.value[0] === undefined) return;
    answered = true;
    const isHealthy = split.ok ? services.get(serviceOf(split.value[0] as Uint8Array)) : undefined;
    if (!split.ok) answerStatus(stream, GRPC_STATUS.invalidArgument);
    else if (isHealthy === undefined) answerStatus(stream, GRPC_STATUS.notFound);
    else {
      openAnswer(stream, () => ({ status: GRPC_STATUS.ok }));
      stream.end(isHealthy() ? SERVING : NOT_SERVING);
    }
  });
  stream.on('end', () => {
    if (!answered && !stream.closed) answerStatus(stream, GRPC_STATUS.invalidArgument);
  });
}

/** HealthCheckRequest.service; the empty name when it is left out. */
function serviceOf(bytes: Uint8Array): string {
  const cursor: Cursor = { bytes, at: 0, fault: undefined };
  let service = '';
  while (cursor.at < bytes.length) {
    const tag = readTag(cursor, bytes.length);
    if (tag === lengthDelimited(1)) {
      const end = readEnd(cursor, bytes.length);
      service = decodeText(bytes, cursor.at, end);
      cursor.at = end;
    } else skipField(cursor, tag, bytes.length);
  }
  return service;
}
