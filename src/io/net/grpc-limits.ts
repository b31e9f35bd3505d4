/** What clients of a gRPC server may take of it. Times in milliseconds. */
export interface GrpcLimits {
  /** Connections at one time, those included that wait to be accepted; more are closed unheard. */
  readonly connectionsMax: number;
  /** Connections taken in one second; more wait, so that a storm of reconnections leaves time for those that are there. */
  readonly acceptsPerSecond: number;
  /** Calls at one time; more get RESOURCE_EXHAUSTED. */
  readonly callsMax: number;
  /** Calls at one time on one connection, as HTTP/2 announces it. */
  readonly callsPerConnectionMax: number;
  /** Messages of one call taken in one second; more are left unread until the next. */
  readonly messagesPerSecond: number;
  /** How long a call may be without its first whole message, and how long any message may take to arrive. */
  readonly messageMs: number;
  /** A call whose oldest written message was not taken for so long is ended. */
  readonly drainMs: number;
  /** A connection without a call is closed after this time. */
  readonly idleConnectionMs: number;
  /** A connection on which nothing came for so long is pinged. */
  readonly keepAliveMs: number;
  /** How long the answer to a ping may take. */
  readonly keepAliveTimeoutMs: number;
  /** Connections are renewed, so that clients spread over new replicas; each at a random age within a tenth of this. */
  readonly connectionAgeMs: number;
}

/**
 * 10,000 proxies, some of them with a second connection; a thousand handshakes are half a second of processor time; a
 * client that has something to say says it at once; the pings are those that our bootstrap gives the proxy's side.
 */
export const DEFAULT_GRPC_LIMITS: GrpcLimits = {
  connectionsMax: 12_000,
  acceptsPerSecond: 1_000,
  callsMax: 10_000,
  callsPerConnectionMax: 100,
  messagesPerSecond: 500,
  messageMs: 30_000,
  drainMs: 30_000,
  idleConnectionMs: 60_000,
  keepAliveMs: 30_000,
  keepAliveTimeoutMs: 5_000,
  connectionAgeMs: 11 * 3_600_000,
};
