import { randomUUID } from 'node:crypto';
import type { DirectoryRole } from '../registrations/customerSchema.ts';
import type { CustomerRecord, WrittenCustomer } from '../registrations/document.ts';
import { hashPassword, verifyPassword } from './passwordHash.ts';

export interface Customer {
  /** The object id: a GUID, the same in every app of the tenant. */
  readonly oid: string;
  readonly email: string;
  readonly displayName: string;
  /** Further attributes by name, such as `givenName` or `extension_…`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly isEnabled: boolean;
  /** Role names, by the client id of the app or API. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
  /** The roles of an administrator; customers have none. */
  readonly directoryRoles: readonly DirectoryRole[];
  /** The domain of the identity provider at which the customer signs in; undefined: here. */
  readonly identityProvider: string | undefined;
}

export interface NewCustomer {
  readonly email: string;
  readonly displayName: string;
  /** Left out for those who sign in with mailed codes or at another identity provider. */
  readonly password?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly identityProvider?: string;
}

/** Told of each new customer and each changed password, before the customer goes on. */
export type SaveCustomer = (customer: WrittenCustomer) => Promise<void>;

interface Entry {
  readonly customer: Customer;
  /** As in the document. */
  readonly written: WrittenCustomer;
}

/** The customers of the tenant. Addresses differ only by more than upper and lower case. */
export class CustomerDirectory {
  readonly #initial: readonly CustomerRecord[];
  readonly #save: SaveCustomer;
  readonly #byEmail = new Map<string, Entry>();
  readonly #byOid = new Map<string, Entry>();
  /** Of passwords that were written by hand: hashed when first needed, so that many cost no time at the start. */
  readonly #hashes = new WeakMap<Entry, Promise<string>>();
  #nobody: Promise<string> | undefined;

  constructor(initial: readonly CustomerRecord[], save: SaveCustomer) {
    this.#initial = initial;
    this.#save = save;
    this.reset();
  }

  /** Brings back the customers of the start, and only those. */
  reset(): void {
    this.#byEmail.clear();
    this.#byOid.clear();
    for (const record of this.#initial) this.#keep(record);
  }

  /** All customers, as the document has them. */
  written(): WrittenCustomer[] {
    return [...this.#byOid.values()].map((entry) => entry.written);
  }

  findByEmail(email: string): Customer | undefined {
    return this.#byEmail.get(email.toLowerCase())?.customer;
  }

  findByOid(oid: string): Customer | undefined {
    return this.#byOid.get(oid)?.customer;
  }

  /**
   * The customer with this address and password, enabled or not; an unknown address takes as long as a wrong password,
   * and so does a customer without a password.
   */
  async authenticate(email: string, password: string): Promise<Customer | undefined> {
    const entry = this.#byEmail.get(email.toLowerCase());
    const hash = entry && (await this.#passwordHashOf(entry));
    this.#nobody ??= hashPassword(randomUUID());
    const isRight = await verifyPassword(password, hash ?? (await this.#nobody));
    return isRight ? entry?.customer : undefined;
  }

  /**
   * Adds a customer with a new object id.
   * @returns undefined if the address has an account already.
   */
  async add({
    email,
    displayName,
    password,
    attributes,
    identityProvider,
  }: NewCustomer): Promise<Customer | undefined> {
    const passwordHash = password === undefined ? undefined : await hashPassword(password);
    if (this.findByEmail(email)) return undefined;
    const written = {
      oid: randomUUID(),
      email: email.toLowerCase(),
      displayName,
      ...(attributes ? { attributes: { ...attributes } } : {}),
      ...(identityProvider === undefined ? {} : { identityProvider }),
      ...(passwordHash === undefined ? {} : { passwordHash }),
    };
    const { customer } = this.#keep(written);
    await this.#save(written);
    return customer;
  }

  /** Changes a password; a customer who is gone meanwhile has none to change. */
  async setPassword(oid: string, password: string): Promise<void> {
    const passwordHash = await hashPassword(password);
    const entry = this.#byOid.get(oid);
    if (!entry) return;
    const { password: _old, ...kept } = entry.written;
    await this.#save(this.#keep({ ...kept, passwordHash }).written);
  }

  async #passwordHashOf(entry: Entry): Promise<string | undefined> {
    const { password, passwordHash } = entry.written;
    if (password === undefined) return passwordHash;
    const hash = this.#hashes.get(entry) ?? hashPassword(password);
    this.#hashes.set(entry, hash);
    return hash;
  }

  #keep(written: WrittenCustomer): Entry {
    const { oid, email, displayName, attributes = {}, isEnabled = true, roles = {}, identityProvider } = written;
    const { directoryRoles = [] } = written;
    const customer = { oid, email, displayName, attributes, isEnabled, roles, directoryRoles, identityProvider };
    const entry = { customer, written };
    this.#byEmail.set(email, entry);
    this.#byOid.set(oid, entry);
    return entry;
  }
}
