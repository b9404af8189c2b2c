/** The page needs a signed-in customer. The browser is sent to the tenant and comes back to the page. */
export class SignInRequired extends Error {
  override readonly name = 'SignInRequired';
  readonly status = 401;
  /** Whether the current session must end, because the tenant refuses to renew its tokens. */
  readonly endsSession: boolean;

  constructor({ endsSession = false, cause }: { endsSession?: boolean; cause?: unknown } = {}) {
    super('sign-in is required', { cause });
    this.endsSession = endsSession;
  }
}

/** Why a sign-in could not be finished: written to the log, and the key of the text that the customer reads. */
export type SignInFailure =
  | 'no cookies'
  | 'unknown attempt'
  | 'expired attempt'
  | 'used attempt'
  | 'malformed answer'
  | 'foreign issuer'
  | 'refused by the tenant';

/** The tenant's answer, brought by the browser, cannot be used. The customer starts again. */
export class SignInFailed extends Error {
  override readonly name = 'SignInFailed';
  readonly status = 400;
  readonly reason: SignInFailure;

  constructor(reason: SignInFailure, cause?: unknown) {
    super(`sign-in failed: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** A sign-in could not be finished because of `cause`. Starting again leads to the page that the customer wanted. */
export class SignInInterrupted extends Error {
  override readonly name = 'SignInInterrupted';
  readonly returnTo: string;

  constructor(returnTo: string, cause: unknown) {
    super('sign-in was not finished', { cause });
    this.returnTo = returnTo;
  }
}

/** The tenant refuses the app itself: its credential or its registration. Only the operator can fix that. */
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

/** The cookie is cleared, but the session's records could not be deleted: a copied cookie would still work. */
export class SignOutIncomplete extends Error {
  override readonly name = 'SignOutIncomplete';
  readonly status = 503;
}
