import { z } from 'zod';
import { registrationPermissions } from '../../src/registration/adminSession.ts';
import { Browser } from '../support/Browser.ts';
import type { RunningTenant } from '../support/startTenant.ts';

/** Microsoft Graph Command Line Tools. */
const clientId = '14d82eec-204b-4c2f-b7e8-296a70dab67e';

/** Signs the local tenant's administrator in with a device code. @returns an access token for Graph */
export async function administratorToken(
  { origin, tenantId }: RunningTenant,
  permissions: readonly string[] = registrationPermissions,
): Promise<string> {
  const endpoint = `${origin}/${tenantId}/oauth2/v2.0`;
  const scope = ['openid', ...permissions.map((name) => `https://graph.microsoft.com/${name}`)].join(' ');
  const code = await answerOf(`${endpoint}/devicecode`, { client_id: clientId, scope });
  const browser = new Browser();
  await browser.goto(`${origin}/common/oauth2/deviceauth`);
  await browser.submit('Next', { user_code: code.user_code ?? '' });
  await browser.submit('Continue');
  await browser.submit('Next', { email: 'admin@contoso.onmicrosoft.com' });
  await browser.submit('Sign in', { password: 'Local-Tenant-1!' });
  const { access_token: token } = await answerOf(`${endpoint}/token`, {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: clientId,
    device_code: code.device_code ?? '',
  });
  if (!token) throw new Error('The tenant gave no access token.');
  return token;
}

const answer = z.record(z.string(), z.coerce.string());

async function answerOf(url: string, fields: Record<string, string>): Promise<Record<string, string>> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${url}: ${JSON.stringify(body)}`);
  return answer.parse(body);
}
