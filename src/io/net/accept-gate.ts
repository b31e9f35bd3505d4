import type { Socket } from 'node:net';

export interface AcceptGateOptions {
  readonly connectionsMax: number;
  readonly acceptsPerSecond: number;
  readonly onRefused: (socket: Socket) => void;
}

/** How often waiting connections are looked at. */
const TURN_MS = 20;

/** Passes connections on at a bounded rate, in their order, and closes those above a number. */
export class AcceptGate {
  readonly #options: AcceptGateOptions;
  readonly #waiting = new Map<Socket, () => void>();
  #open = 0;
  #credit: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AcceptGateOptions) {
    this.#options = options;
    this.#credit = this.#creditPerTurn;
  }

  /** Calls `accept` now or when it is the connection's turn; not at all where it is closed before. */
  take(socket: Socket, accept: () => void): void {
    // Nobody else listens while it waits, and one that is reset then must end nothing but itself.
    socket.on('error', () => undefined);
    if (this.#open >= this.#options.connectionsMax) {
      this.#options.onRefused(socket);
      socket.destroy();
      return;
    }
    this.#open += 1;
    socket.once('close', () => {
      this.#open -= 1;
      this.#waiting.delete(socket);
    });
    this.#waiting.set(socket, accept);
    this.#pass();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#waiting.keys()) socket.destroy();
  }

  get #creditPerTurn(): number {
    return Math.max(1, Math.ceil((this.#options.acceptsPerSecond * TURN_MS) / 1_000));
  }

  #pass(): void {
    for (const [socket, accept] of this.#waiting) {
      if (this.#credit === 0) break;
      this.#credit -= 1;
      this.#waiting.delete(socket);
      if (!socket.destroyed) accept();
    }
    this.#timer ??= setInterval(() => this.#turn(), TURN_MS).unref();
  }

  #turn(): void {
    this.#credit = this.#creditPerTurn;
    this.#pass();
    if (this.#waiting.size > 0 || this.#credit < this.#creditPerTurn) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
