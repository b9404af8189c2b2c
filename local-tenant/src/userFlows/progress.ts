/** A customer's progress through the pages of one sign-in. */
export interface Progress {
  readonly email: string;
  /** The purpose of the mailed code. */
  readonly purpose: 'sign-in' | 'sign-up' | 'reset' | 'second-factor';
  /** The code that proves the address. */
  readonly mailed?: MailedCode;
  readonly isProven: boolean;
  /** What another identity provider stated about a new customer. */
  readonly federated?: { readonly displayName: string; readonly domain: string };
}

/** A code that was mailed to prove an address. */
export interface MailedCode {
  readonly code: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** When the customer can ask for another one: seconds since 1970. */
  readonly resendAt: number;
  readonly triesLeft: number;
}
