import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { format, parse } from 'node:path';
import { errorFields, type Logger } from '../runtime/logger.ts';
import { SettingsError } from '../runtime/settings.ts';
import { type Snapshot, snapshotSchema } from './resources.ts';

/** Keeps what was made through Microsoft Graph, secrets included, in a file beside the tenant's own. */
export class RegistrationsFile {
  readonly snapshot: Snapshot | undefined;
  readonly #path: string;
  readonly #log: Logger;
  #text: string | undefined;

  /** @param tenantFile `tenant.json` has `tenant.graph.json` beside it */
  constructor(tenantFile: string, log: Logger) {
    const { dir, name } = parse(tenantFile);
    this.#path = format({ dir, name: `${name}.graph`, ext: '.json' });
    this.#log = log;
    this.#text = existsSync(this.#path) ? readFileSync(this.#path, 'utf8') : undefined;
    this.snapshot = this.#text === undefined ? undefined : readSnapshot(this.#path, this.#text);
  }

  /** Synchronous, so that a registration is on disk before its request is answered. A failure is logged. */
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

function readSnapshot(path: string, text: string): Snapshot {
  try {
    return snapshotSchema.parse(JSON.parse(text));
  } catch {
    // The parser's message can quote a secret.
    const remedy = 'Delete it to start without registrations, or restore a copy.';
    throw new SettingsError([`${path} was not written by the local tenant, or was damaged`], remedy);
  }
}
