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
  /** For how many milliseconds what was read is used without another look. */
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

export interface CertificateSourceOptions {
  readonly store: CertificateStore;
  readonly log: Logger;
  /** Milliseconds on a clock that is never set back; default: since the process began. */
  readonly now?: () => number;
}

const firstRetryMs = 5_000;
const retryMs = 60_000;
const dayMs = 24 * 3_600_000;
const warnDays = 30;

/** A certificate that may be replaced while the app runs: the store is looked at again, and the last good one is kept. */
export class CertificateSource implements CredentialSource {
  readonly #store: CertificateStore;
  readonly #log: Logger;
  readonly #now: () => number;
  #held: Held | undefined;
  #problem: Error | undefined;
  #looking: Promise<void> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #warnedAt = Number.NEGATIVE_INFINITY;

  constructor({ store, log, now = () => performance.now() }: CertificateSourceOptions) {
    this.#store = store;
    this.#log = log;
    this.#now = now;
  }

  get name(): string {
    return this.#store.name;
  }

  get advice(): string {
    const thumbprint = this.#held?.certificate.thumbprint ?? '';
    return `check CLIENT_ID, and that the ${this.name} with the thumbprint ${thumbprint} is registered (docs/6-certificates.md)`;
  }

  async start(): Promise<void> {
    await this.#look();
    if (this.#problem instanceof CredentialUnusable) {
      throw new CredentialUnusable(`the ${this.name} cannot be used: ${this.#problem.message}`);
    }
  }

  ready(): boolean {
    // Whoever is not ready is sent no customers, so that nothing but this would look again.
    if (!this.#held && this.#isDue()) void this.#look();
    return this.#held !== undefined;
  }

  async current(): Promise<ClientCredential> {
    const look = this.#isDue() ? this.#look() : this.#looking;
    // A store that is slow or away must not keep customers waiting while there is a good one.
    if (!this.#held) await look;
    if (this.#held) return this.#held.credential;
    throw new CredentialUnavailable(`the ${this.name} cannot be had`, { cause: this.#problem });
  }

  async renew(refused: ClientCredential): Promise<boolean> {
    const hasAnother = () => this.#held !== undefined && this.#held.credential !== refused;
    if (hasAnother()) return true;
    // Once a minute, or an app that is refused for another reason would ask the store for every customer.
    const isFirst = this.#now() - this.#renewedAt >= retryMs;
    if (isFirst) this.#renewedAt = this.#now();
    await (isFirst ? this.#look() : this.#looking);
    return hasAnother();
  }

  #isDue(): boolean {
    const pauseMs = this.#held ? retryMs : firstRetryMs;
    const { freshMs } = this.#store;
    return this.#now() - this.#lookedAt >= (this.#problem ? Math.min(pauseMs, freshMs) : freshMs);
  }

  #look(): Promise<void> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #read(): Promise<void> {
    this.#lookedAt = this.#now();
    try {
      this.#take(await this.#store.read());
      this.#problem = undefined;
    } catch (error) {
      const problem = error instanceof Error ? error : new Error('cannot be read');
      if (problem.message !== this.#problem?.message) this.#tell(problem);
      this.#problem = problem;
    }
    if (this.#held) this.#warnOfExpiry(this.#held.certificate);
  }

  #take(certificate: AppCertificate): void {
    const { thumbprint, privateKey, expiresAt } = certificate;
    if (thumbprint === this.#held?.certificate.thumbprint) return;
    const isFirst = this.#held === undefined;
    this.#held = { certificate, credential: { clientCertificate: { thumbprintSha256: thumbprint, privateKey } } };
    this.#warnedAt = Number.NEGATIVE_INFINITY;
    const message = isFirst ? 'The app has its certificate' : 'The app has a new certificate';
    this.#log.info(message, { credential: this.name, thumbprint, expires: dayOf(expiresAt) });
  }

  #tell(problem: Error): void {
    const fields = { credential: this.name, ...errorFields(problem) };
    if (this.#held) this.#log.warn('The newer certificate cannot be used; the app keeps the one it has', fields);
    else this.#log.error('The app has no certificate, and nobody can sign in', fields);
  }

  #warnOfExpiry({ expiresAt }: AppCertificate): void {
    const daysLeft = (expiresAt - Date.now()) / dayMs;
    if (daysLeft > warnDays || this.#now() - this.#warnedAt < dayMs) return;
    this.#warnedAt = this.#now();
    const fields = { credential: this.name, expires: dayOf(expiresAt) };
    if (daysLeft > 0) this.#log.warn(`The app's certificate expires within ${warnDays} days; replace it`, fields);
    else this.#log.error("The app's certificate has expired; replace it", fields);
  }
}
