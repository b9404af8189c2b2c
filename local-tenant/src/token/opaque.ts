import { randomBytes } from 'node:crypto';

/** Opaque text of random bytes, as in `uti`, `aio` and `rh`. */
export function opaque(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
