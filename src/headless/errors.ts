import { CommandError } from '../entra/terminal/CommandError.ts';

/** The code, or the time for the browser, expired before the customer signed in. */
export class CodeExpired extends CommandError {
  override readonly name = 'CodeExpired';
  readonly exitCode = 3;
}

/** The customer cancelled on the tenant's page. */
export class SignInDeclined extends CommandError {
  override readonly name = 'SignInDeclined';
  readonly exitCode = 4;
}

/** Nobody is signed in, or the stored sign-in cannot be used. */
export class NotSignedIn extends CommandError {
  override readonly name = 'NotSignedIn';
  readonly exitCode = 5;
}

/** The tenant, the API or the network is unavailable; the same command may work later. */
export class Unavailable extends CommandError {
  override readonly name = 'Unavailable';
  readonly exitCode = 6;

  constructor(what: string, retryAfterSeconds: number | undefined, options: ErrorOptions = {}) {
    super(`${what} Try again ${retryAfterSeconds === undefined ? 'later' : `in ${retryAfterSeconds} s`}.`, options);
  }
}
