import type { FaultTable } from './fault.ts';

/** Faults of the certificate, only with the tenant's own TLS. */
export const tlsFaults = {
  'tls-wrong-name': ['The certificate is for another host.', 'otherName'],
} as const satisfies FaultTable<'otherName'>;
