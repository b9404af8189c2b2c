/** The part of MSAL's `auth` options that authenticates the app. */
export type ClientCredential =
  | { readonly clientSecret: string }
  | { readonly clientCertificate: { readonly thumbprintSha256: string; readonly privateKey: string } };

/** The app's credential, wherever it comes from. */
export interface CredentialSource {
  /** As log lines name it, such as `client secret`. */
  readonly name: string;
  /** What an operator should check when the tenant refuses the app. */
  readonly advice: string;
  /**
   * Reads the credential for the first time. One that is unavailable is read again later.
   * @throws {CredentialUnusable} when the operator must fix it first
   */
  start(): Promise<void>;
  ready(): boolean;
  /** @throws {CredentialUnavailable} while there is none. */
  current(): Promise<ClientCredential>;
  /**
   * Looks for a newer credential because the tenant refused this one.
   * @returns whether `current()` returns another one now
   */
  renew(refused: ClientCredential): Promise<boolean>;
}

/** A credential that cannot be used; the message says why and what to do. */
export class CredentialUnusable extends Error {
  override readonly name = 'CredentialUnusable';
}

/** Says what to do when a password is missing or wrong. */
export function passwordAdvice(password: string | undefined): string {
  return password === undefined ? 'set CLIENT_CERTIFICATE_PASSWORD' : 'CLIENT_CERTIFICATE_PASSWORD does not open it';
}

/** The app's credential is unavailable at the moment. */
export class CredentialUnavailable extends Error {
  override readonly name = 'CredentialUnavailable';
  readonly status = 503;
}

/** A secret from the settings, which changes only with a restart. */
export function clientSecretSource(clientSecret: string): CredentialSource {
  const credential = { clientSecret };
  return {
    name: 'client secret',
    advice: 'check CLIENT_ID and CLIENT_SECRET, and whether the secret has expired',
    start: async () => {},
    ready: () => true,
    current: async () => credential,
    renew: async () => false,
  };
}
