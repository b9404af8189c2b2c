import { LastGood } from '../../runtime/LastGood.ts';
import { errorFields, type Logger } from '../../runtime/logger.ts';
import { type AppCertificate, dayOf } from './appCertificate.ts';
import {
  type ClientCredential,
  type CredentialSource,
  CredentialUnavailable,
  CredentialUnusable,
} from './credential.ts';

/** Where a certificate is kept. */
export interface CertificateStore {
  /** As the start line and messages name it, such as `certificate file web.pem`. */
  readonly name: string;
  /** How long a certificate is used without reading the store again. */
  readonly freshMs: number;
  /**
   * @throws {CredentialUnusable} when what it holds cannot serve
   * @throws {CredentialUnavailable} when it cannot be reached
   */
  read(): Promise<AppCertificate>;
}

interface Held {
  readonly certificate: AppCertificate;
  readonly credential: ClientCredential;
}

const minuteMs = 60_000;
const dayMs = 24 * 3_600_000;
const warnDays = 30;

/** A certificate that may be replaced while the app runs: the store is read again and again, and the last good one is kept. */
export class CertificateSource implements CredentialSource {
  readonly #store: CertificateStore;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #held: LastGood<Held>;
  #warnedAt = Number.NEGATIVE_INFINITY;

  /** @param options.now milliseconds on a clock that is never set back; default: since the process began */
  constructor(options: { readonly store: CertificateStore; readonly log: Logger; readonly now?: () => number }) {
    const { store, log, now = () => performance.now() } = options;
    this.#store = store;
    this.#log = log;
    this.#now = now;
    this.#held = new LastGood({
      read: async () => {
        if (this.#held.value) this.#warnOfExpiry(this.#held.value.certificate);
        return this.#take(await store.read());
      },
      onFailure: (error) => this.#report(error),
      freshMs: store.freshMs,
      retryMs: 5_000,
      longestRetryMs: minuteMs,
      now,
    });
  }

  get name(): string {
    return this.#store.name;
  }

  get advice(): string {
    const thumbprint = this.#held.value?.certificate.thumbprint ?? '';
    return `check CLIENT_ID, and that the ${this.name} with the thumbprint ${thumbprint} is registered (docs/6-certificates.md)`;
  }

  async start(): Promise<void> {
    await this.#held.refresh();
    const { failure } = this.#held;
    if (failure instanceof CredentialUnusable) {
      throw new CredentialUnusable(`the ${this.name} cannot be used: ${failure.message}`);
    }
  }

  ready(): boolean {
    // An instance that is not ready gets no customers, so nothing else would read the store again.
    if (!this.#held.value) void this.#held.refreshIfDue();
    return this.#held.value !== undefined;
  }

  async current(): Promise<ClientCredential> {
    const refreshed = this.#held.refreshIfDue();
    // A slow or unavailable store must not keep customers waiting while there is a good certificate.
    if (!this.#held.value) await refreshed;
    if (this.#held.value) return this.#held.value.credential;
    throw new CredentialUnavailable(`the ${this.name} is unavailable`, { cause: this.#held.failure });
  }

  async renew(refused: ClientCredential): Promise<boolean> {
    const hasAnother = () => this.#held.value !== undefined && this.#held.value.credential !== refused;
    if (hasAnother()) return true;
    await this.#held.refreshOnDemand(minuteMs);
    return hasAnother();
  }

  /** Keeps the credential of a certificate that is still the same, so that `renew` can tell another by identity. */
  #take(certificate: AppCertificate): Held {
    const { thumbprint, privateKey, expiresAt } = certificate;
    const before = this.#held.value;
    if (thumbprint === before?.certificate.thumbprint) return before;
    const message = before ? 'The app has a new certificate' : 'The app has its certificate';
    this.#log.info(message, { credential: this.name, thumbprint, expires: dayOf(expiresAt) });
    this.#warnedAt = Number.NEGATIVE_INFINITY;
    this.#warnOfExpiry(certificate);
    return { certificate, credential: { clientCertificate: { thumbprintSha256: thumbprint, privateKey } } };
  }

  #report(problem: Error): void {
    const fields = { credential: this.name, ...errorFields(problem) };
    if (this.#held.value) this.#log.warn('The newer certificate cannot be used; the app keeps the one it has', fields);
    else this.#log.error('The app has no certificate, so nobody can sign in', fields);
  }

  /** Once a day, from 30 days before. */
  #warnOfExpiry({ expiresAt }: AppCertificate): void {
    const daysLeft = (expiresAt - Date.now()) / dayMs;
    if (daysLeft > warnDays || this.#now() - this.#warnedAt < dayMs) return;
    this.#warnedAt = this.#now();
    const fields = { credential: this.name, expires: dayOf(expiresAt) };
    if (daysLeft > 0) this.#log.warn(`The app's certificate expires within ${warnDays} days; replace it`, fields);
    else this.#log.error("The app's certificate has expired; replace it", fields);
  }
}
