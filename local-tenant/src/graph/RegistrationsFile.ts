import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { format, parse } from 'node:path';
import { z } from 'zod';
import { errorFields, type Logger } from '../runtime/logger.ts';
import { SettingsError } from '../runtime/settings.ts';
import type { Snapshot } from './GraphDirectory.ts';
import { collections } from './resources.ts';

const snapshotSchema = z.object({
  applications: z.array(collections.applications),
  deletedApplications: z.array(collections.deletedApplications),
  federatedCredentials: z.array(collections.federatedCredentials),
  owners: z.array(collections.owners),
  servicePrincipals: z.array(collections.servicePrincipals),
  deletedServicePrincipals: z.array(collections.deletedServicePrincipals),
  permissionGrants: z.array(collections.permissionGrants),
  roleAssignments: z.array(collections.roleAssignments),
  flows: z.array(collections.flows),
  flowAttributes: z.array(collections.flowAttributes),
});

/** The file beside the tenant's own in which what was made through Microsoft Graph outlives the program. It holds secrets. */
export class RegistrationsFile {
  readonly snapshot: Snapshot | undefined;
  readonly #path: string;
  readonly #log: Logger;
  #text: string | undefined;

  /**
   * @param tenantFile the path of the tenant's file: `tenant.json` has `tenant.graph.json` beside it
   * @throws {SettingsError} when that is there and is not what this program wrote
   */
  constructor(tenantFile: string, log: Logger) {
    const { dir, name } = parse(tenantFile);
    this.#path = format({ dir, name: `${name}.graph`, ext: '.json' });
    this.#log = log;
    this.#text = readIfThere(this.#path);
    this.snapshot = this.#text === undefined ? undefined : readSnapshot(this.#path, this.#text);
  }

  /** Writes before the request is answered, so that what was answered is there after a kill. A failure is logged. */
  save(snapshot: Snapshot): void {
    const text = `${JSON.stringify(snapshot, null, 2)}\n`;
    if (text === this.#text) return;
    try {
      const temporary = `${this.#path}.${process.pid}.tmp`;
      writeFileSync(temporary, text, { mode: 0o600 });
      renameSync(temporary, this.#path);
      this.#text = text;
    } catch (error) {
      this.#log.error(`${this.#path} could not be written; the next change tries again`, errorFields(error));
    }
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(path, error);
  }
}

function readSnapshot(path: string, text: string): Snapshot {
  try {
    return snapshotSchema.parse(JSON.parse(text));
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): SettingsError {
  // A parser repeats what it read, which may be a secret.
  const isUnreadable = error instanceof Error && 'code' in error;
  const reason = isUnreadable ? 'cannot be read' : 'is not what the local tenant wrote';
  return new SettingsError([`${path} ${reason}`], 'Remove it to begin without registrations, or bring back a copy.');
}
