/** What bounds those who ask the endpoint: the engine that pulls, and whoever else on the server finds the port. */

export interface EndpointLimits {
  /**
   * Connections at once. The classic image store pulls three to five layers side by side; containerd's asks for all at once, each by TLS
   * first, and an image has 127 layers at most (overlayfs, by docker's own limit).
   */
  readonly connections: number;
  /** Milliseconds in which a request must have come whole. */
  readonly requestMs: number;
  /** Milliseconds that a connection is kept for its next request. */
  readonly waitMs: number;
  /** Milliseconds that an answer may stand still: an engine whose disk is busy reads on, a dead one does not. */
  readonly idleMs: number;
}

export const usualLimits: EndpointLimits = {
  connections: 512,
  requestMs: 10_000,
  waitMs: 30_000,
  idleMs: 120_000,
};

/** Bytes of a request's head; engines send some 300. */
export const mostHeadBytes = 8 * 1024;
/** Headers of a request; engines send some five. */
export const mostHeaders = 64;
/** Requests of a connection that wait for their answers. Engines send the next one when they have the last answer. */
export const mostWaiting = 64;
