export interface Progress {
  readonly email: string;
  readonly purpose: 'sign-in' | 'sign-up' | 'reset' | 'second-factor';
  readonly mailed?: MailedCode;
  readonly isProven: boolean;
  readonly federated?: { readonly displayName: string; readonly domain: string };
}

export interface MailedCode {
  readonly code: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** When the customer can ask for another one: seconds since 1970. */
  readonly resendAt: number;
  readonly triesLeft: number;
}
