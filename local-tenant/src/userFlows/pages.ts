import { fileURLToPath } from 'node:url';
import ejs from 'ejs';
import type { Response } from 'express';
import { shown } from '../runtime/text.ts';
import { english } from './texts/english.ts';

/** What a view shows. Views escape every text. */
type PageData = Readonly<Record<string, unknown>>;

export const signInOver = {
  title: 'This sign-in has ended',
  detail:
    'It was completed, took more than an hour, or was started in another browser. Go back to the app and sign in again.',
};

const views = new URL('../../views/', import.meta.url);

function escapeShown(value: unknown): string {
  return ejs.escapeXML(shown(String(value ?? '')));
}

/** @param tenantName shown above every page */
export function renderPage(name: string, data: PageData, tenantName: string): Promise<string> {
  const file = fileURLToPath(new URL(`${name}.ejs`, views));
  return ejs.renderFile(file, { texts: english, ...data, tenantName }, { cache: true, escape: escapeShown });
}

// No form-action: it would also stop the redirect that follows a form, which leads back to the app.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

/** @param status default: 400 if the page names a problem, otherwise 200 */
export async function sendPage(
  response: Response,
  name: string,
  data: PageData,
  status = data.problem ? 400 : 200,
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
function framePolicy({ frames }: PageData): string[] {
  if (!Array.isArray(frames) || frames.length === 0) return [];
  return [`frame-src ${frames.map((url) => new URL(String(url)).origin).join(' ')}`];
}
