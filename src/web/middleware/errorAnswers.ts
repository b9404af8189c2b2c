import { aadstsIn } from '../../entra/aadsts.ts';
import { TodoApiError } from '../../models/TodoClient.ts';
import type { AuditEvent } from '../../runtime/audit.ts';
import { SignInFailed, type SignInFailure, SignInInterrupted } from '../auth/errors.ts';
import { NotClicked, WrongAddress } from '../hardening/security.ts';
import { type RefusalKind, refusalKind } from './refusalKind.ts';

/** What a person reads about an error, and the security event that it is, if any. */
export interface ErrorAnswer {
  readonly status: number;
  readonly heading: string;
  readonly message: string;
  readonly action: { readonly label: string; readonly href: string };
  readonly event?: AuditEvent;
  /** Present with 429 and 503. */
  readonly retryAfterSeconds?: number;
  /** Another sign-in would end the same way, so none is offered. */
  readonly isFinal?: boolean;
  /** The tenant's number, for whoever is asked for help. */
  readonly code?: string | undefined;
}

/** By default the status is the error's own, and the action leads to the home page. */
type Row = Pick<ErrorAnswer, 'heading' | 'message'> & Partial<Omit<ErrorAnswer, 'heading' | 'message' | 'code'>>;

const goHome = { label: 'Go to the home page', href: '/' };
const signInAgain = { label: 'Sign in again', href: '/auth/signin' };
const startAgain = { label: 'Start again', href: '/auth/signin' };
const backToList = { label: 'Back to the list', href: '/todos' };

const signInFailed = { heading: 'We couldn’t complete sign-in', action: startAgain, event: 'sign-in-failed' } as const;
const signInBusy: Row = {
  heading: 'Sign-in is busy',
  message: 'A service that sign-in needs is not responding. Try again in a moment.',
  action: startAgain,
};
const tokenRefused: Row = {
  heading: 'Sign-in is not possible right now',
  message: 'The sign-in service sent an answer that failed our checks, so it was not used. Try again later.',
  action: startAgain,
  event: 'token-refused',
};
const notSetUp: Row = {
  status: 502,
  heading: 'Sign-in is not possible right now',
  message: 'This site is not set up correctly for sign-in. The problem has been logged. Trying again won’t help.',
  isFinal: true,
};

const failureRows: Readonly<Record<SignInFailure, Row>> = {
  'no cookies': {
    event: 'sign-in-failed',
    heading: 'Your browser sent no cookies',
    message:
      'Sign-in needs cookies, and your browser sent none. Allow cookies for this site, then sign in from its home page. If you started in another browser, continue there.',
    isFinal: true,
  },
  'unknown attempt': {
    ...signInFailed,
    message: 'This browser is not waiting for this sign-in. It is finished already, or was started in another browser.',
  },
  'expired attempt': { ...signInFailed, message: 'Signing in took too long.' },
  'used attempt': { ...signInFailed, message: 'This link has been used already. It signs in only once.' },
  'malformed answer': { ...signInFailed, message: 'The link that brought you here is incomplete or was changed.' },
  'foreign issuer': { ...signInFailed, message: 'Another sign-in service than ours answered, so it was not used.' },
  'refused by the tenant': {
    ...signInFailed,
    message: 'The sign-in service did not accept this sign-in. Starting again usually helps.',
  },
};

/** For refusals whose number says what they mean. */
const refusalRows: Readonly<Record<RefusalKind, Row>> = {
  blocked: {
    status: 403,
    heading: 'Sign-in is blocked',
    message:
      'A security policy blocks this sign-in, for example from this device. Ask whoever runs this site, and quote the codes below.',
    isFinal: true,
  },
  notAllowed: {
    status: 403,
    heading: 'Sign-in is not allowed',
    message:
      'Your account may not use this app, or the app lacks a permission. Ask whoever runs this site, and quote the codes below.',
    isFinal: true,
  },
  misconfigured: notSetUp,
  later: {
    status: 503,
    heading: 'Sign-in is not possible right now',
    message: 'The sign-in service does not accept this sign-in now. Wait a few minutes, then start again.',
    action: startAgain,
    retryAfterSeconds: 120,
  },
};

const notAForm: Row = { heading: 'Not a form', message: 'This page accepts only its own form.' };

/** By the error's name, or its name and reason where the reason matters. */
const rows: Readonly<Record<string, Row>> = {
  SignInRequired: {
    heading: 'Please sign in',
    message: 'You are signed out, or your session has ended. Nothing was changed.',
    action: signInAgain,
  },
  SignInLoop: {
    heading: 'We can’t keep you signed in',
    message: 'This page asked you to sign in again right after you did. Wait a minute, then try once more.',
    event: 'sign-in-failed',
  },
  AppRefused: notSetUp,
  TenantAnswerInvalid: tokenRefused,
  IdTokenInvalid: tokenRefused,
  TenantUnavailable: signInBusy,
  CredentialUnavailable: signInBusy,
  SignOutIncomplete: {
    heading: 'Sign-out is not complete',
    message:
      'You are signed out in this browser, but your session could not be deleted on our side. It will expire by itself.',
  },
  SessionStoreUnavailable: {
    heading: 'Temporarily unavailable',
    message: 'Part of this site is unavailable. If you were signed in, you still are. Try again shortly.',
  },
  'TodoApiError: forbidden': {
    heading: 'No permission',
    message: 'This app is not allowed to do that with your to-do list.',
    event: 'permission-refused',
  },
  'TodoApiError: notFound': {
    heading: 'To-do not found',
    message: 'This to-do no longer exists.',
    action: backToList,
  },
  'TodoApiError: refused': {
    heading: 'That did not work',
    message: 'The to-do list did not accept this.',
    action: backToList,
  },
  'TodoApiError: tooOften': {
    heading: 'Please wait a moment',
    message: 'You made too many changes in a short time, so this was not done. Wait a minute, then try again.',
    action: backToList,
  },
  'TodoApiError: unavailable': {
    heading: 'The list is unavailable',
    message: 'The to-do list is not responding. The rest of the site works. Try again in a moment.',
    action: { label: 'Try again', href: '/todos' },
  },
  CsrfRefused: {
    heading: 'We couldn’t accept that form',
    message: 'The form is too old, or was not sent from this site. Nothing was changed. Reload the page and try again.',
    event: 'form-refused',
  },
  TooManyRequests: {
    heading: 'Please wait a moment',
    message: 'Too many sign-ins from your network. Wait a minute, then reload this page.',
    event: 'rate-limited',
  },
  TooManyAtOnce: {
    heading: 'Please wait a moment',
    message: 'Too many of your pages are loading at once. Wait until some have loaded, then reload this one.',
    event: 'rate-limited',
  },
  NotNavigated: { heading: 'Not available here', message: 'Open this page in a tab of its own.' },
  Prefetched: { heading: 'Not loaded in advance', message: 'Sign-in starts only when you open this page.' },
  NotFound: { heading: 'Page not found', message: 'There is no page at this address.' },
  MethodNotAllowed: { heading: 'That did not work', message: 'This page can’t be used that way.' },
  NotAForm: notAForm,
  UnsupportedMediaTypeError: notAForm,
  PayloadTooLargeError: {
    heading: 'Too much text',
    message: 'The form is larger than we accept. Shorten the text and send it again.',
  },
};
const notClicked = {
  heading: 'Do you want to sign in?',
  message: 'Another site sent you here. If you want to sign in or create an account, continue.',
};
const wrongAddress = { heading: 'Wrong address', message: 'This app is not available at this address.' };
const badRequest: Row = { heading: 'That did not work', message: 'We couldn’t understand the request.' };
const ourFault: Row = {
  heading: 'Something went wrong',
  message: 'The problem is on our side. Try again in a moment.',
};

/** The fields of their own that errors may have. */
interface Thrown extends Error {
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly retryAfterSeconds?: unknown;
}

/** Finds the words for an error of any kind. An unknown one is our fault, and nothing of it is shown. */
export function answerFor(error: unknown): ErrorAnswer {
  if (error instanceof SignInInterrupted) {
    const answer = answerFor(error.cause);
    const action = answer.isFinal ? answer.action : { ...startAgain, href: signInHref(error.returnTo) };
    return { ...answer, action, event: 'sign-in-failed' };
  }
  if (error instanceof NotClicked)
    return { ...notClicked, status: error.status, action: { label: 'Continue to sign in', href: error.href } };
  if (error instanceof WrongAddress) {
    const action = { label: `Go to ${error.baseUrl}`, href: `${error.baseUrl}/` };
    return { ...wrongAddress, status: error.status, action };
  }
  const thrown: Thrown = error instanceof Error ? error : new Error('thrown');
  const code = aadstsOf(thrown);
  const row = rowOf(thrown, code);
  const status = row.status ?? Number(thrown.status);
  const retries = status === 429 || status === 503;
  return {
    action: goHome,
    ...row,
    status,
    code,
    message: (thrown instanceof TodoApiError && thrown.detail) || row.message,
    ...(retries && { retryAfterSeconds: Number(thrown.retryAfterSeconds ?? row.retryAfterSeconds ?? 5) }),
  };
}

function rowOf(thrown: Thrown, code: string | undefined): Row {
  const kind = code && refusals.has(`${thrown.name}: ${thrown.reason}`) && refusalKind(code);
  if (kind) return refusalRows[kind];
  if (thrown instanceof SignInFailed) return failureRows[thrown.reason];
  return rows[`${thrown.name}: ${thrown.reason}`] ?? rows[thrown.name] ?? unknownRow(thrown);
}

/** The errors that a refusal of the tenant becomes. */
const refusals = new Set(['SignInFailed: refused by the tenant', 'AppRefused: undefined']);

/** The tenant's number in an error's message, or in that of one of its causes. */
function aadstsOf(error: Error): string | undefined {
  const inCause = error.cause instanceof Error ? aadstsOf(error.cause) : undefined;
  return aadstsIn(error.message) ?? inCause;
}

/** Errors of Express and its middleware ask for a status. */
function unknownRow({ status }: Thrown): Row {
  const isRequestFault = Number(status) >= 400 && Number(status) < 500;
  return isRequestFault ? badRequest : { ...ourFault, status: 500 };
}

/** The sign-in that leads back to a page. @param page a local path */
export function signInHref(page: string): string {
  return page === '/' ? '/auth/signin' : `/auth/signin?returnTo=${encodeURIComponent(page)}`;
}
