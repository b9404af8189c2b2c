import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import type { WrittenDocument } from '../src/registrations/document.ts';
import { seed } from '../src/seed/seed.ts';

/** Starts a tenant with the seed's apps, APIs and customers, and with what is given in their place or besides. */
export async function startDocumentTenant(changes: Partial<WrittenDocument>): Promise<RunningTenant> {
  const folder = await mkdtemp(join(tmpdir(), 'tenant-'));
  const path = join(folder, 'tenant.json');
  await writeFile(path, JSON.stringify({ ...seed, ...changes }));
  try {
    return await startTenant({ TENANT_FILE: path });
  } finally {
    await rm(folder, { recursive: true });
  }
}
