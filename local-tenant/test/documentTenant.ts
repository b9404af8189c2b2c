import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import type { WrittenDocument } from '../src/registrations/document.ts';
import { seed } from '../src/seed/seed.ts';

/** Starts a tenant with the seed's apps, APIs and customers, and some of them replaced. */
export async function startDocumentTenant(changes: Partial<WrittenDocument>): Promise<RunningTenant> {
  return startTenant({}, { ...seed, ...changes });
}
