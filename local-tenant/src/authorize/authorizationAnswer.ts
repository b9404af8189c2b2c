import { createHash } from 'node:crypto';
import ejs from 'ejs';
import type { Response } from 'express';
import { type AadstsError, describeError, type RequestTrace } from '../AadstsError.ts';

/** Where an app wants its answer, and how. */
export interface AnswerAddress {
  readonly redirectUri: string;
  readonly responseMode: string | undefined;
  readonly state: string | undefined;
}

export type AnswerFields = Readonly<Record<string, string>>;

/** An HTTP redirect, or for `form_post` a page that posts itself. */
export type AppAnswer =
  | { readonly location: string }
  | { readonly html: string; readonly headers: Readonly<Record<string, string>> };

/**
 * Builds the answer of the authorize endpoint to an app; `state` is added when the app sent one.
 * @param change changes the parameters as they are sent; default: not at all
 */
export function answerApp(
  { redirectUri, responseMode, state }: AnswerAddress,
  fields: AnswerFields,
  change?: (answer: URLSearchParams) => void,
): AppAnswer {
  const answer = new URLSearchParams(state === undefined ? fields : { ...fields, state });
  change?.(answer);
  if (responseMode === 'form_post') {
    return { html: ejs.render(formPost, { action: redirectUri, fields: [...answer], script }), headers: pageHeaders };
  }
  const url = new URL(redirectUri);
  if (responseMode === 'fragment') {
    url.hash = answer.toString();
    return { location: url.href };
  }
  for (const [name, value] of answer) url.searchParams.append(name, value);
  return { location: url.href };
}

/** Sends an answer to the app, as a redirect or as a page that posts itself. */
export function sendAnswer(response: Response, address: AnswerAddress, fields: AnswerFields): void {
  const answer = answerApp(address, fields);
  if ('location' in answer) response.redirect(303, answer.location);
  else response.set(answer.headers).type('html').send(answer.html);
}

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#error-response */
export function errorFields(error: AadstsError, trace: RequestTrace, baseUrl: string): AnswerFields {
  return {
    error: error.error,
    error_description: describeError(error, trace),
    error_uri: `${baseUrl}/error?code=${error.code}`,
  };
}

/**
 * What follows when a customer presses Cancel: these two fields and `state`, no description and no code.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#error-codes-for-authorization-endpoint-errors
 */
export const cancelled: AnswerFields = { error: 'access_denied', error_subcode: 'cancel' };

const script = 'document.forms[0].submit()';
const scriptHash = createHash('sha256').update(script).digest('base64');

const pageHeaders = {
  'Cache-Control': 'no-store',
  // No form-action: browsers apply it to the redirect with which an app answers the form as well.
  'Content-Security-Policy': `default-src 'none'; script-src 'sha256-${scriptHash}'; base-uri 'none'`,
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

const formPost = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Working…</title></head>
<body>
<form method="post" action="<%= action %>">
<% for (const [name, value] of fields) { %><input type="hidden" name="<%= name %>" value="<%= value %>">
<% } %><button type="submit">Continue</button>
</form>
<script><%= script %></script>
</body>
</html>`;
