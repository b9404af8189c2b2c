/** What the process ends with, for scripts. 128 + the signal's number is what shells expect of an interrupted program. */
export const exitCodes = {
  done: 0,
  notDone: 1,
  wrongUse: 2,
  codeExpired: 3,
  declined: 4,
  notSignedIn: 5,
  away: 6,
  interrupted: 130,
} as const;

/** What the customer is told in one line: what happened, and what to do. */
export abstract class HeadlessError extends Error {
  abstract readonly exitCode: number;

  /** @param message may quote what a tenant or a file said: control characters would reach the terminal and are replaced. */
  constructor(message: string, options: ErrorOptions = {}) {
    super(message.replace(/[\p{C}\u2028\u2029]/gu, '?').slice(0, 500), options);
  }
}

/** The sign-in took longer than its code or its browser window was good for. */
export class CodeExpired extends HeadlessError {
  override readonly name = 'CodeExpired';
  readonly exitCode = exitCodes.codeExpired;
}

/** The customer said no at the tenant's page. */
export class SignInDeclined extends HeadlessError {
  override readonly name = 'SignInDeclined';
  readonly exitCode = exitCodes.declined;
}

/** Nobody is signed in, or what is stored of the sign-in cannot be used. */
export class NotSignedIn extends HeadlessError {
  override readonly name = 'NotSignedIn';
  readonly exitCode = exitCodes.notSignedIn;
}

/** The tenant, the API or the network is away; the same command may work later. */
export class Unavailable extends HeadlessError {
  override readonly name = 'Unavailable';
  readonly exitCode = exitCodes.away;
}

/** It was tried and refused, or must not be done; the same command would fail again. */
export class NotDone extends HeadlessError {
  override readonly name = 'NotDone';
  readonly exitCode = exitCodes.notDone;
}
