/** How far a customer has come on the pages of one sign-in. */
export interface Progress {
  readonly email: string;
  /** What the mailed code is for. */
  readonly purpose: 'sign-in' | 'sign-up' | 'reset' | 'second-factor';
  /** The code that proves the address. */
  readonly mailed?: MailedCode;
  readonly isProven: boolean;
  /** What another identity provider said of a new customer. */
  readonly federated?: { readonly displayName: string; readonly domain: string };
}

/** A code that was mailed to prove an address. */
export interface MailedCode {
  readonly code: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** When another one may be asked for: seconds since 1970. */
  readonly resendAt: number;
  readonly triesLeft: number;
}
