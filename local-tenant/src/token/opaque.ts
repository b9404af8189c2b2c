import { randomBytes } from 'node:crypto';

export function opaque(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
