/** The page needs a customer who is signed in; the trip to the tenant begins, and comes back to the page. */
export class SignInRequired extends Error {
  override readonly name = 'SignInRequired';
  readonly status = 401;
  /** Whether the session that is there must end: the tenant refuses to renew its tokens. */
  readonly endsSession: boolean;

  constructor({ endsSession = false, cause }: { endsSession?: boolean; cause?: unknown } = {}) {
    super('sign-in is required', { cause });
    this.endsSession = endsSession;
  }
}

/** Why a sign-in could not be finished, for the log and for the words that the customer reads. */
export type SignInFailure =
  | 'unknown attempt'
  | 'expired attempt'
  | 'used attempt'
  | 'malformed answer'
  | 'foreign issuer'
  | 'refused by the tenant';

/** What came back from the tenant through the browser cannot be used; the customer starts again. */
export class SignInFailed extends Error {
  override readonly name = 'SignInFailed';
  readonly status = 400;
  readonly reason: SignInFailure;

  constructor(reason: SignInFailure, cause?: unknown) {
    super(`sign-in failed: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** A sign-in could not be finished, for whatever `cause`; starting again leads to the page that the customer wanted. */
export class SignInInterrupted extends Error {
  override readonly name = 'SignInInterrupted';
  readonly returnTo: string;

  constructor(returnTo: string, cause: unknown) {
    super('a sign-in was not finished', { cause });
    this.returnTo = returnTo;
  }
}

/** The tenant itself answered with something that must not be believed, such as an ID token that does not verify. */
export class TenantAnswerInvalid extends Error {
  override readonly name = 'TenantAnswerInvalid';
  readonly status = 502;
}

/** The tenant does not accept this app itself: its credential, or its registration. Only the operator can mend it. */
export class AppRefused extends Error {
  override readonly name = 'AppRefused';
  readonly status = 502;
}

/** A session that has just begun asks for a sign-in again, so another sign-in would not help. */
export class SignInLoop extends Error {
  override readonly name = 'SignInLoop';
  readonly status = 429;
  readonly retryAfterSeconds = 60;
}

/** The customer signed out in this browser, but the session's records could not be deleted: a copied cookie would still work. */
export class SignOutIncomplete extends Error {
  override readonly name = 'SignOutIncomplete';
  readonly status = 503;
}
