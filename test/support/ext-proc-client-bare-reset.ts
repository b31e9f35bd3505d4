import { once } from 'node:events';
import { connect } from 'node:net';
import { frame, PROCESS_PATH, type ServerAddress } from './ext-proc-client-call.ts';

const HEADERS = 1;
const DATA = 0;
const RST_STREAM = 3;
const SETTINGS = 4;
const END_HEADERS = 4;

/**
 * Opens a stream, sends a message and resets the stream without ending it first, as Envoy does. Node's own client always sends
 * END_STREAM before a reset, so these are frames by hand (RFC 9113 section 4.1, RFC 7541 section 6.2.2).
 */
export async function resetWithoutEnd(address: ServerAddress, message: Uint8Array, rstCode: number): Promise<void> {
  const socket = connect('path' in address ? { path: address.path } : address);
  await once(socket, 'connect');
  const block = Buffer.concat([
    literal(':method', 'POST'),
    literal(':scheme', 'http'),
    literal(':authority', 'ext-proc.test'),
    literal(':path', PROCESS_PATH),
    literal('content-type', 'application/grpc'),
  ]);
  socket.write(
    Buffer.concat([
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      http2Frame(SETTINGS, 0, 0, Buffer.alloc(0)),
      http2Frame(HEADERS, END_HEADERS, 1, block),
      http2Frame(DATA, 0, 1, frame(message)),
    ]),
  );
  await once(socket, 'data');
  socket.end(http2Frame(RST_STREAM, 0, 1, Buffer.of(0, 0, 0, rstCode)));
  socket.resume();
  await once(socket, 'close');
}

function http2Frame(type: number, flags: number, streamId: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), Buffer.of(value.length), Buffer.from(value)]);
}
