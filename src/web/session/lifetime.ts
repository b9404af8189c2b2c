/** How long a session lasts, enforced on the server. */
export interface SessionLifetime {
  /** A session ends after this time without a request. */
  readonly idleMs: number;
  /** A session ends this long after the sign-in, however busy the customer is. */
  readonly absoluteMs: number;
}
