import { fileURLToPath } from 'node:url';
import ejs from 'ejs';
import type { Response } from 'express';
import type { Mail } from '../state/Inbox.ts';
import { english, type Texts } from './texts/english.ts';
import type { Visit } from './visit.ts';

/** What all pages of one visit have in common. */
type VisitPage = Pick<Visit, 'base' | 'app' | 'texts'>;

interface ShownAccount {
  readonly sid: string;
  readonly email: string;
  readonly displayName: string;
}

/** A field of the page on which customers enter details. */
export interface DetailField {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'password';
  readonly autocomplete: string;
  readonly isRequired: boolean;
  readonly hint?: string;
  readonly value: string;
  readonly problem?: string | undefined;
}

/** The data of each page. The views escape every text. */
interface PageData {
  'sign-in': VisitPage & {
    email: string;
    problem: keyof Texts['addressProblems'] | undefined;
    isSignUpAllowed: boolean;
    fault: string | undefined;
    providers: readonly { id: string; displayName: string }[];
  };
  password: VisitPage & { email: string; problem: string | undefined };
  'sign-up': VisitPage & { email: string; problem: keyof Texts['addressProblems'] | undefined };
  'no-sign-up': VisitPage;
  code: VisitPage & { maskedEmail: string; problem: string | undefined; notice: string | undefined };
  details: VisitPage & {
    email: string;
    title: string;
    lead: string;
    button: string;
    action: string;
    fields: readonly DetailField[];
  };
  accounts: VisitPage & { accounts: readonly ShownAccount[] };
  'second-factor': VisitPage & { maskedEmail: string };
  'other-factor': VisitPage;
  social: {
    provider: { id: string; displayName: string };
    base: string;
    visit: string;
    email: string;
    displayName: string;
    problem: string | undefined;
  };
  'sign-out-accounts': {
    texts: Texts;
    action: string;
    hidden: Readonly<Record<string, string>>;
    accounts: readonly ShownAccount[];
  };
  'signing-out': { texts: Texts; frames: readonly string[]; target: string };
  'signed-out': { texts: Texts; frames: readonly string[] };
  'device-code': { texts: Texts; action: string; userCode: string; problem: string | undefined };
  'device-confirm': { texts: Texts; app: string; userCode: string; start: string; decline: string };
  'device-done': { texts: Texts; title: string; detail: string };
  inbox: { mails: readonly Mail[] };
  home: {
    settings: Readonly<Record<string, string>>;
    customers: readonly { email: string; password?: string | undefined }[];
    apps: readonly { displayName: string; clientId: string }[];
  };
  error: { title: string; detail: string; code: string | undefined; link?: { url: string; name: string } };
}

/** The page for customers who return to a sign-in that has ended. */
export const signInOver: PageData['error'] = {
  title: 'This sign-in has ended',
  detail:
    'It was completed, took more than an hour, or was started in another browser. Go back to the app and sign in again.',
  code: undefined,
};

const views = new URL('../../views/', import.meta.url);

/** Renders a page to HTML. @param tenantName shown above every page */
export function renderPage<Name extends keyof PageData>(
  name: Name,
  data: PageData[Name],
  tenantName: string,
): Promise<string> {
  return ejs.renderFile(
    fileURLToPath(new URL(`${name}.ejs`, views)),
    { texts: english, ...data, tenantName },
    { cache: true },
  );
}

// No form-action: it would also stop the redirect that follows a form, which leads back to the app.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

/** @param status default: 200 */
export async function sendPage<Name extends keyof PageData>(
  response: Response,
  name: Name,
  data: PageData[Name],
  status = 200,
): Promise<void> {
  const html = await renderPage(name, data, String(response.app.locals.tenantName));
  response
    .status(status)
    .set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': [contentPolicy, ...framePolicy(data)].join('; '),
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
    })
    .type('html')
    .send(html);
}

/** Allows only the frames that the page shows. */
function framePolicy(data: object): string[] {
  if (!('frames' in data) || !Array.isArray(data.frames) || data.frames.length === 0) return [];
  return [`frame-src ${data.frames.map((url) => new URL(String(url)).origin).join(' ')}`];
}
