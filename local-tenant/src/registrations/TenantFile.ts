import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { errorFields, type Logger } from '../runtime/logger.ts';
import { SettingsError } from '../runtime/settings.ts';
import {
  DocumentError,
  parseDocument,
  type TenantDocument,
  type WrittenCustomer,
  type WrittenDocument,
} from './document.ts';
import { lineOf, parseJson } from './json.ts';
import { replaceCustomers } from './replaceCustomers.ts';

export const fileRemedy = 'Correct that file, which TENANT_FILE names; docs/local-tenant.md says what it may hold.';

/** A file that a tenant was read from, and that customers can be saved to. */
export class TenantFile {
  readonly written: WrittenDocument;
  readonly document: TenantDocument;
  readonly #path: string;
  readonly #log: Logger;
  /** Customers that are not in the file yet, by their object ids. */
  readonly #unsaved = new Map<string, WrittenCustomer>();
  #saving: Promise<void> = Promise.resolve();

  private constructor(path: string, { written, document }: Contents, log: Logger) {
    this.#path = path;
    this.written = written;
    this.document = document;
    this.#log = log;
  }

  static async open(path: string, log: Logger): Promise<TenantFile> {
    const contents = await readTenantFile(path);
    // Saving replaces the target of a symbolic link, not the link.
    return new TenantFile(await realpath(path), contents, log);
  }

  /**
   * Writes a customer into the file as it is on disk at that time, so that it can be edited while the tenant runs.
   * Customers who arrive at the same time are written together. A failure is logged, and the next save tries again.
   */
  save(customer: WrittenCustomer): Promise<void> {
    this.#unsaved.set(customer.oid, customer);
    this.#saving = this.#saving.then(() => this.#writeUnsaved());
    return this.#saving;
  }

  async #writeUnsaved(): Promise<void> {
    const customers = [...this.#unsaved.values()];
    if (customers.length === 0) return;
    try {
      const text = replaceCustomers(await readFile(this.#path, 'utf8'), customers);
      // Throws if an unfinished edit has left the file invalid: then it is not touched.
      parseContents(this.#path, text);
      await replaceFile(this.#path, text);
      for (const customer of customers) {
        if (this.#unsaved.get(customer.oid) === customer) this.#unsaved.delete(customer.oid);
      }
    } catch (error) {
      this.#log.error('The tenant file could not be written; the next sign-up tries again', errorFields(error));
    }
  }
}

type Contents = ReturnType<typeof parseContents>;

/** @throws {SettingsError} naming every problem with its line: the file cannot be read, is not JSON, breaks the schema. */
export async function readTenantFile(path: string): Promise<Contents> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new SettingsError([`TENANT_FILE cannot be read: ${error instanceof Error ? error.message : 'no reason'}`]);
  });
  return parseContents(path, text);
}

function parseContents(path: string, text: string) {
  let root: Node | undefined;
  try {
    const json = parseJson(text);
    root = json.root;
    return { written: json.value as WrittenDocument, document: parseDocument(json.value) };
  } catch (error) {
    if (error instanceof SyntaxError) throw new SettingsError([`${path}, ${error.message}`], fileRemedy);
    if (!(error instanceof DocumentError) || !root) throw error;
    const top = root;
    const problems = error.problems.map(({ path: at, message }) => {
      const line = lineOf(text, nodeAt(top, [...at]).offset);
      return `${path}, line ${line}: ${at.join('.') || 'the document'} ${message}`;
    });
    throw new SettingsError(problems, fileRemedy);
  }
}

/** The node at a path, or its closest ancestor: a missing value has no place of its own. */
function nodeAt(root: Node, path: (string | number)[]): Node {
  return findNodeAtLocation(root, path) ?? (path.length > 0 ? nodeAt(root, path.slice(0, -1)) : root);
}

/** Replaces a file atomically: a reader sees the old text or the new one. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const { mode } = await stat(path);
  try {
    await writeFile(temporary, text, { mode });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
