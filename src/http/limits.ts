/** What callers may use of the server. Each has its reason here; tests pass smaller ones. */
export interface Limits {
  /** From the beginning of a connection, or of a request on it, until its headers are complete, ms. */
  headersMs: number;
  /** A request's body without a byte for so long ends, ms. */
  bodyIdleMs: number;
  /** A body that arrives more slowly on average ends, too, once it has had `bodyIdleMs`. */
  bodyBytesPerSecond: number;
  /** The same for all of the body of a signed request, ms. */
  signedBodyMs: number;
  /** A response of which its caller reads no byte for so long ends, ms. */
  unreadMs: number;
  /** Between two looks at what is under way, ms. */
  sweepMs: number;
  /** Open connections. Beyond them, the one that has been idle for the longest is closed. */
  connections: number;
  /** Requests under way, without the reserved ones. */
  requests: number;
  /** The same of one address. */
  requestsOfAddress: number;
  /** Signed requests and `/healthz` under way; one address may have half of them. */
  reservedRequests: number;
}

export const DEFAULT_LIMITS: Readonly<Limits> = Object.freeze({
  // A client sends its headers in one packet; even a phone on a bad network needs seconds.
  headersMs: 15_000,
  // As long as nginx and other servers wait by default or less; a mobile network recovers within it.
  bodyIdleMs: 30_000,
  // Slower than any modem. One byte every few seconds keeps a socket and its buffer for hours.
  bodyBytesPerSecond: 1_024,
  // Slack waits three seconds for its answer, and the sender of a webhook little longer.
  signedBodyMs: 10_000,
  // Longer than any pause of a program that still works. Its run is read on without it.
  unreadMs: 300_000,
  // Limits are in seconds, so a second later is early enough.
  sweepMs: 1_000,
  // With one more for each call that is passed on, within the 4,096 file handles that a small machine gives a process.
  connections: 2_000,
  // The rest is for what must get in at any time: signed requests (presses in Slack), and probes.
  requests: 1_800,
  // Half of all: one address can't keep the others out. Behind a proxy all callers share one address, and this limit.
  requestsOfAddress: 1_000,
  // Each is answered within seconds. Without a signature none of them costs more than its headers.
  reservedRequests: 200,
});
