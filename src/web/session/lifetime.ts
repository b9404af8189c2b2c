/** How long a session lasts, enforced on the server. */
export interface SessionLifetime {
  /** Without a request for so long, it ends. */
  readonly idleMs: number;
  /** So long after the sign-in, it ends whatever the customer does. */
  readonly absoluteMs: number;
}

/** When the session ends if nothing more happens, in milliseconds since 1970. */
export function endsAt({ idleMs, absoluteMs }: SessionLifetime, signedInAt: number, seenAt: number): number {
  return Math.min(seenAt + idleMs, signedInAt + absoluteMs);
}
