/** How a stream was opened: by the method that the client called. */
export interface Channel {
  /** The variant of the protocol: `sotw` is state-of-the-world. */
  readonly variant: 'delta' | 'sotw';
  /** The one type of a separate service (CDS, RDS, ...); undefined on the aggregated service, which carries all. */
  readonly service: string | undefined;
  /**
   * Whether the types of the stream wait for each other (rows O1 and O2). On a separate service there is nothing to
   * wait for: what the other streams of the proxy hold is not seen, and each type becomes right by itself.
   */
  readonly isOrdered: boolean;
}

export const DELTA_ADS: Channel = { variant: 'delta', service: undefined, isOrdered: true };
