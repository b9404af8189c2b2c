import { randomUUID } from 'node:crypto';
import type { CustomerRecord, WrittenCustomer } from '../registrations/document.ts';
import { hashPassword, verifyPassword } from './passwordHash.ts';

/** A customer of the tenant; `directoryRoles` make an administrator. */
export type Customer = Omit<CustomerRecord, 'password' | 'passwordHash'>;

type NewCustomer = Pick<WrittenCustomer, 'email' | 'displayName' | 'password' | 'attributes' | 'identityProvider'>;

interface Entry {
  readonly customer: Customer;
  readonly written: WrittenCustomer;
}

/** The tenant's customers. Addresses are case-insensitive. */
export class CustomerDirectory {
  readonly #initial: readonly CustomerRecord[];
  readonly #save: (customer: WrittenCustomer) => Promise<void>;
  readonly #byEmail = new Map<string, Entry>();
  readonly #byOid = new Map<string, Entry>();
  #nobody: Promise<string> | undefined;

  /** @param save called for each new customer and each changed password, before the customer continues */
  constructor(initial: readonly CustomerRecord[], save: (customer: WrittenCustomer) => Promise<void>) {
    this.#initial = initial;
    this.#save = save;
    this.reset();
  }

  reset(): void {
    this.#byEmail.clear();
    this.#byOid.clear();
    for (const record of this.#initial) this.#keep(record);
  }

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
   * Finds the customer with this address and password, enabled or not. An unknown address and a customer without a
   * password take as long as a wrong password.
   */
  async authenticate(email: string, password: string): Promise<Customer | undefined> {
    const entry = this.#byEmail.get(email.toLowerCase());
    // A password that the document has in clear needs no hash, which would cost a twentieth of a second.
    if (entry?.written.password?.normalize('NFKC') === password.normalize('NFKC')) return entry.customer;
    this.#nobody ??= hashPassword(randomUUID());
    const isRight = await verifyPassword(password, entry?.written.passwordHash ?? (await this.#nobody));
    return isRight ? entry?.customer : undefined;
  }

  /** @returns undefined if the address already has an account */
  async add(customer: NewCustomer): Promise<Customer | undefined> {
    const { email, displayName, password, attributes, identityProvider } = customer;
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
    const entry = this.#keep(written);
    await this.#save(written);
    return entry.customer;
  }

  async setPassword(oid: string, password: string): Promise<void> {
    const passwordHash = await hashPassword(password);
    const entry = this.#byOid.get(oid);
    if (!entry) return;
    const { password: _old, ...kept } = entry.written;
    await this.#save(this.#keep({ ...kept, passwordHash }).written);
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
