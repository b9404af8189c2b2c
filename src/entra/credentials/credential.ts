/** What MSAL proves the app with: the part of its `auth` options that differs between kinds of credential. */
export type ClientCredential =
  | { readonly clientSecret: string }
  | { readonly clientCertificate: { readonly thumbprintSha256: string; readonly privateKey: string } };

/** The app's credential, wherever it comes from. */
export interface CredentialSource {
  /** As the start line and messages name it, such as `client secret`. */
  readonly name: string;
  /** What an operator should check when the tenant refuses the app. */
  readonly advice: string;
  /**
   * Reads it for the first time; one that cannot be reached yet is asked for again later.
   * @throws {CredentialUnusable} when the operator must mend it first
   */
  start(): Promise<void>;
  ready(): boolean;
  /** @throws {CredentialUnavailable} while there is none. */
  current(): Promise<ClientCredential>;
  /**
   * Looks for a newer credential, because the tenant refused this one.
   * @returns whether `current()` is another one now
   */
  renew(refused: ClientCredential): Promise<boolean>;
}

/** What was found cannot serve as the app's credential; the message says why and what to do. */
export class CredentialUnusable extends Error {
  override readonly name = 'CredentialUnusable';
}

/** The app's credential cannot be had now. */
export class CredentialUnavailable extends Error {
  override readonly name = 'CredentialUnavailable';
  readonly status = 503;
}

/** A secret of the settings: it changes with a restart only. */
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
