import type { HttpClient } from '../runtime/httpClient.ts';

/** Ends MSAL's waiting for the browser. MSAL offers no way to, but takes the first answer that has its state. */
export function endListening(authorizeUrl: string, http: HttpClient): void {
  const { searchParams } = new URL(authorizeUrl);
  const body = new URLSearchParams({ error: 'interrupted', state: searchParams.get('state') ?? '' }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const url = new URL(searchParams.get('redirect_uri') ?? '').href;
  http.request({ method: 'POST', url, headers, body }).catch(() => {});
}
