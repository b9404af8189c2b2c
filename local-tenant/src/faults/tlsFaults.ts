import type { FaultTable } from './fault.ts';

/** What is wrong with the certificate that the next connection gets; only with the tenant's own TLS. */
export const tlsFaults = {
  'tls-wrong-name': ['The certificate is for another host.', 'otherName'],
} as const satisfies FaultTable<'otherName'>;
