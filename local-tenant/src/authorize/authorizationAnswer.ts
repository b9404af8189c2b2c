import { createHash } from 'node:crypto';
import ejs from 'ejs';
import type { Response } from 'express';
import { type AadstsError, describeError, type RequestTrace } from '../AadstsError.ts';

export type AnswerAddress = ReturnType<typeof addressOf>;

/** Where to send the answer to an authorization request, and how. */
export function addressOf({ redirect_uri, response_mode, state }: Readonly<Record<string, unknown>>) {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { redirectUri: String(redirect_uri), responseMode: text(response_mode), state: text(state) };
}

export type AnswerFields = Readonly<Record<string, string>>;

/**
 * Builds the answer of the authorize endpoint to an app: a redirect, or for `form_post` a page that posts itself.
 * `state` is added when the app sent one.
 * @param change changes the parameters before they are sent
 */
export function answerApp(
  { redirectUri, responseMode, state }: AnswerAddress,
  fields: AnswerFields,
  change?: (answer: URLSearchParams) => void,
): { status: number; headers: Record<string, string>; body: string } {
  const answer = new URLSearchParams(state === undefined ? fields : { ...fields, state });
  change?.(answer);
  if (responseMode === 'form_post') {
    const body = ejs.render(formPost, { action: redirectUri, fields: [...answer], script });
    return { status: 200, headers: pageHeaders, body };
  }
  const url = new URL(redirectUri);
  if (responseMode === 'fragment') url.hash = answer.toString();
  else for (const [name, value] of answer) url.searchParams.append(name, value);
  return { status: 303, headers: { Location: url.href }, body: '' };
}

export function sendAnswer(response: Response, address: AnswerAddress, fields: AnswerFields): void {
  const { status, headers, body } = answerApp(address, fields);
  response.status(status).set(headers).send(body);
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
 * The answer when a customer presses Cancel: these two fields and `state`, without description and code.
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#error-codes-for-authorization-endpoint-errors
 */
export const cancelled: AnswerFields = { error: 'access_denied', error_subcode: 'cancel' };

const script = 'document.forms[0].submit()';
const scriptHash = createHash('sha256').update(script).digest('base64');

const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  // No form-action: browsers would apply it to the redirect with which the app answers the form.
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
