import { connect, type Socket } from 'node:net';

/** One HTTP/2 connection with one gRPC call, as bytes: as little work as can be, so that many fit into one process. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const STREAM = 1;
const FRAME_HEADER_BYTES = 9;
const FRAME_PAYLOAD_BYTES_MAX = 16_384;
const WINDOW_DEFAULT = 65_535;
const WINDOW_MAX = 2 ** 31 - 1;

const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 } as const;
const FLAG = { ack: 1, endHeaders: 4 } as const;
const SETTING_INITIAL_WINDOW = 4;

export interface H2CallOptions {
  readonly port: number;
  readonly path: string;
  /** Pieces of the call's messages, in order; valid only during the call. */
  readonly onData: (bytes: Uint8Array) => void;
  /** Not when it was ended by `destroy`. */
  readonly onClosed: () => void;
}

/** Reads go into one buffer for all connections: each is used up before the next. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);

export class H2Call {
  readonly #socket: Socket;
  readonly #options: H2CallOptions;
  readonly #waiting: Buffer[] = [];
  #connectionWindow = WINDOW_DEFAULT;
  #streamWindow = WINDOW_DEFAULT;
  #initialWindow = WINDOW_DEFAULT;
  #carry: Buffer = Buffer.alloc(0);
  #dataLeft = 0;

  constructor(options: H2CallOptions) {
    this.#options = options;
    this.#socket = connect({
      host: '127.0.0.1',
      port: options.port,
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (count, buffer) => {
          this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, count));
          return true;
        },
      },
    });
    this.#socket.on('error', () => {
      // 'close' follows
    });
    this.#socket.on('close', options.onClosed);
    const window = Buffer.alloc(6);
    window.writeUInt16BE(SETTING_INITIAL_WINDOW);
    window.writeUInt32BE(WINDOW_MAX, 2);
    const update = Buffer.alloc(4);
    update.writeUInt32BE(WINDOW_MAX - WINDOW_DEFAULT);
    this.#socket.write(
      Buffer.concat([
        PREFACE,
        frame(FRAME.settings, 0, 0, window),
        frame(FRAME.windowUpdate, 0, 0, update),
        frame(FRAME.headers, FLAG.endHeaders, STREAM, headerBlock(options.path)),
      ]),
    );
  }

  /** Sends bytes of the call, as far as the server's windows let them through. */
  send(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#flush();
  }

  /** Reads nothing from now on. */
  stopReading(): void {
    this.#socket.pause();
  }

  destroy(): void {
    this.#socket.off('close', this.#options.onClosed);
    this.#socket.destroy();
  }

  #flush(): void {
    const out: Buffer[] = [];
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const room = Math.min(next.length, FRAME_PAYLOAD_BYTES_MAX, this.#connectionWindow, this.#streamWindow);
      if (room <= 0) break;
      this.#connectionWindow -= room;
      this.#streamWindow -= room;
      out.push(frame(FRAME.data, 0, STREAM, next.subarray(0, room)));
      if (room === next.length) this.#waiting.shift();
      else this.#waiting[0] = next.subarray(room);
    }
    if (out.length > 0) this.#socket.write(out.length === 1 ? (out[0] as Buffer) : Buffer.concat(out));
  }

  #read(piece: Buffer): void {
    const bytes = this.#carry.length === 0 ? piece : Buffer.concat([this.#carry, piece]);
    let at = 0;
    while (true) {
      if (this.#dataLeft > 0) {
        const count = Math.min(this.#dataLeft, bytes.length - at);
        if (count === 0) break;
        this.#options.onData(bytes.subarray(at, at + count));
        this.#dataLeft -= count;
        at += count;
        continue;
      }
      if (bytes.length - at < FRAME_HEADER_BYTES) break;
      const length = bytes.readUIntBE(at, 3);
      const type = bytes[at + 3];
      const flags = bytes[at + 4] ?? 0;
      if (type === FRAME.data) {
        this.#dataLeft = length;
        at += FRAME_HEADER_BYTES;
        continue;
      }
      if (bytes.length - at < FRAME_HEADER_BYTES + length) break;
      const isStream = bytes.readUInt32BE(at + 5) !== 0;
      this.#control(type, flags, isStream, bytes.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + length));
      at += FRAME_HEADER_BYTES + length;
    }
    this.#carry = at === bytes.length ? EMPTY : Buffer.from(bytes.subarray(at));
  }

  #control(type: number | undefined, flags: number, isStream: boolean, payload: Buffer): void {
    if (type === FRAME.settings && (flags & FLAG.ack) === 0) {
      for (let at = 0; at + 6 <= payload.length; at += 6) {
        if (payload.readUInt16BE(at) !== SETTING_INITIAL_WINDOW) continue;
        this.#streamWindow += payload.readUInt32BE(at + 2) - this.#initialWindow;
        this.#initialWindow = payload.readUInt32BE(at + 2);
      }
      this.#socket.write(frame(FRAME.settings, FLAG.ack, 0, EMPTY));
      this.#flush();
    } else if (type === FRAME.ping && (flags & FLAG.ack) === 0) {
      this.#socket.write(frame(FRAME.ping, FLAG.ack, 0, payload));
    } else if (type === FRAME.windowUpdate) {
      if (isStream) this.#streamWindow += payload.readUInt32BE(0);
      else this.#connectionWindow += payload.readUInt32BE(0);
      this.#flush();
    } else if (type === FRAME.reset || type === FRAME.goAway) this.#socket.destroy();
  }
}

const EMPTY = Buffer.alloc(0);

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  payload.copy(bytes, FRAME_HEADER_BYTES);
  return bytes;
}

/** HPACK without compression: indexed where the static table has the whole field, else literal (RFC 7541, 6). */
function headerBlock(path: string): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    const length = bytes.length < 127 ? [bytes.length] : [127, bytes.length - 127];
    return Buffer.concat([Buffer.from(length), bytes]);
  };
  return Buffer.concat([
    Buffer.from([0x83, 0x86, 0x04]),
    text(path),
    Buffer.from([0x01]),
    text('bench'),
    Buffer.from([0x0f, 0x10]),
    text('application/grpc'),
    Buffer.from([0x00]),
    text('te'),
    text('trailers'),
  ]);
}
