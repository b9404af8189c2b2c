import { CredentialUnavailable } from '../../entra/credentials/credential.ts';
import { IdTokenInvalid } from '../../entra/idToken.ts';
import { TenantAnswerInvalid } from '../../entra/issuedTokens.ts';
import { TenantUnavailable } from '../../entra/MetadataSource.ts';
import { TodoApiError } from '../../models/TodoClient.ts';
import {
  AppRefused,
  SignInFailed,
  type SignInFailure,
  SignInInterrupted,
  SignInLoop,
  SignInRequired,
  SignOutIncomplete,
} from '../auth/errors.ts';
import { TooManyRequests } from '../hardening/rateLimits.ts';
import { SessionStoreUnavailable } from '../session/KeyValueStore.ts';
import { CsrfRefused } from './csrf.ts';

/** What a person is told of an error. */
export interface ErrorAnswer {
  readonly status: number;
  readonly heading: string;
  readonly message: string;
  readonly action: { readonly label: string; readonly href: string };
  readonly retryAfterSeconds?: number;
}

const home = { label: 'Go to the home page', href: '/' };
const signInAgain = { label: 'Sign in again', href: '/auth/signin' };
const startAgain = { label: 'Start again', href: '/auth/signin' };

/** The way to sign in that leads back to a page. @param page a local path */
export function signInHref(page: string): string {
  return page === '/' ? '/auth/signin' : `/auth/signin?returnTo=${encodeURIComponent(page)}`;
}

const signInFailures: Readonly<Record<SignInFailure, string>> = {
  'unknown attempt':
    'This sign-in was started in another browser, was finished already, or took longer than an hour. Starting again takes a moment.',
  'expired attempt': 'The sign-in took too long: an hour is the limit. Starting again takes a moment.',
  'used attempt': 'This sign-in was finished already. Starting again takes a moment.',
  'malformed answer': 'The address that brought you here is incomplete. Starting again takes a moment.',
  'foreign issuer': 'The answer came from somewhere we did not ask. Starting again takes a moment.',
  'refused by the tenant': 'The sign-in service did not accept this sign-in. Starting again usually helps.',
};

/** Finds the words for an error of any kind; what is not known is our fault, and says nothing of itself. */
export function answerFor(error: unknown): ErrorAnswer {
  if (error instanceof SignInInterrupted) {
    return { ...answerFor(error.cause), action: { ...startAgain, href: signInHref(error.returnTo) } };
  }
  return signInAnswer(error) ?? dependencyAnswer(error) ?? requestAnswer(error);
}

function signInAnswer(error: unknown): ErrorAnswer | undefined {
  if (error instanceof SignInRequired) {
    const message = 'You are signed out, or your session has ended. Nothing was changed.';
    return { status: 401, heading: 'Please sign in', message, action: signInAgain };
  }
  if (error instanceof SignInFailed) {
    const message = signInFailures[error.failure];
    return {
      status: 400,
      heading: 'We couldn’t complete sign-in',
      message,
      action: startAgain,
    };
  }
  if (error instanceof SignInLoop) {
    const message =
      'You were signed in several times in a row, and each time the page asked again. Wait a minute, then try once more.';
    return { status: 429, heading: 'Sign-in does not last', message, action: home, retryAfterSeconds: 60 };
  }
  if (error instanceof AppRefused) {
    const message =
      'This site is not set up correctly for sign-in. Its operator has been told; trying again will not help.';
    return { status: 502, heading: 'Sign-in is not possible right now', message, action: home };
  }
  if (error instanceof TenantAnswerInvalid || error instanceof IdTokenInvalid) {
    const message =
      'The sign-in service sent an answer that we cannot trust, so nobody was signed in. Try again in a while.';
    return { status: 502, heading: 'Sign-in is not possible right now', message, action: startAgain };
  }
  return undefined;
}

function dependencyAnswer(error: unknown): ErrorAnswer | undefined {
  if (error instanceof TenantUnavailable) {
    const message = 'The sign-in service does not answer. Try again in a moment.';
    const retryAfterSeconds = error.retryAfterSeconds ?? 5;
    return { status: 503, heading: 'Sign-in is busy', message, action: startAgain, retryAfterSeconds };
  }
  if (error instanceof CredentialUnavailable) {
    const message = 'A part of the site that sign-in needs is away. Try again in a moment.';
    return { status: 503, heading: 'Sign-in is busy', message, action: startAgain, retryAfterSeconds: 5 };
  }
  if (error instanceof SignOutIncomplete) {
    const message =
      'In this browser you are signed out. A part of the site is away, so on our side it may take some minutes more. Close the browser to be sure.';
    return { status: 503, heading: 'Sign-out is not complete', message, action: home, retryAfterSeconds: 5 };
  }
  if (error instanceof SessionStoreUnavailable) {
    const message = 'A part of the site is away for a moment. If you were signed in, you still are. Try again shortly.';
    return { status: 503, heading: 'Temporarily unavailable', message, action: home, retryAfterSeconds: 5 };
  }
  return error instanceof TodoApiError ? todoAnswer(error) : undefined;
}

function todoAnswer(error: TodoApiError): ErrorAnswer {
  const list = { label: 'Back to the list', href: '/todos' };
  switch (error.reason) {
    case 'forbidden':
      return {
        status: 403,
        heading: 'No permission',
        message: 'This app may not do that with your to-do list.',
        action: home,
      };
    case 'notFound':
      return { status: 404, heading: 'Not there any more', message: 'This to-do does not exist.', action: list };
    case 'refused':
      return {
        status: 400,
        heading: 'That did not work',
        message: error.detail ?? 'The list did not accept it.',
        action: list,
      };
    case 'tooOften': {
      const message =
        'You made very many changes in a short time, so this was not done. Wait a minute, then try again.';
      const retryAfterSeconds = error.retryAfterSeconds ?? 5;
      return { status: 429, heading: 'Please wait a moment', message, action: list, retryAfterSeconds };
    }
    default: {
      const message = 'The to-do list does not answer. The rest of the site works; try again in a moment.';
      const retryAfterSeconds = error.retryAfterSeconds ?? 5;
      return {
        status: 503,
        heading: 'The list is unavailable',
        message,
        action: { ...list, label: 'Try again' },
        retryAfterSeconds,
      };
    }
  }
}

function requestAnswer(error: unknown): ErrorAnswer {
  if (error instanceof CsrfRefused) {
    const message =
      'The form was too old, or was not sent from this site. Nothing was changed. Open the page again and send it once more.';
    return { status: 403, heading: 'We couldn’t accept that form', message, action: home };
  }
  if (error instanceof TooManyRequests) {
    const message =
      'Very many sign-ins come from your network just now, so this one has to wait. Try again in a minute: reload this page.';
    const { status, retryAfterSeconds } = error;
    return { status, heading: 'Please wait a moment', message, action: home, retryAfterSeconds };
  }
  const status = statusOf(error);
  const [heading, message] = requestWords[status] ?? ['That did not work', 'The request could not be understood.'];
  return { status, heading, message, action: home };
}

const requestWords: Readonly<Record<number, readonly [heading: string, message: string]>> = {
  403: ['Not here', 'Open this page in a tab of its own.'],
  404: ['Page not found', 'There is no page at this address.'],
  405: ['This page cannot be used that way', 'Go to it from the home page instead.'],
  413: ['Too much text', 'The form holds more than we accept. Shorten it and send it again.'],
  415: ['Not a form', 'The page accepts only its own form.'],
  421: ['Wrong address', 'This app does not answer at this address.'],
  500: ['Something went wrong', 'The fault is ours. Try again in a moment.'],
};

/** Errors of Express and its body parser carry the status that they ask for; a server error is only ever our own 500. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 500 ? status : 500;
}
