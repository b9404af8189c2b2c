import { type AuthenticationResult, ConfidentialClientApplication, PublicClientApplication } from '@azure/msal-node';
import { z } from 'zod';
import { Browser } from '../../test/support/Browser.ts';
import { daemon, terminal, todoApi, webApp } from '../src/seed/apps.ts';
import { seededCustomers, seededPassword } from '../src/seed/customers.ts';
import { DemoApp, readScope, redirectUri, verifier } from './DemoApp.ts';

/*
 * A program that uses MSAL Node as it comes, with its own network module, against a tenant behind TLS. It prints what
 * came of each step as one JSON object. A process of its own, because Node reads NODE_EXTRA_CA_CERTS at its start only.
 */

const [alice] = seededCustomers;
const { origin, tenantId, thumbprintSha256, privateKey } = z
  .object({ origin: z.url(), tenantId: z.string(), thumbprintSha256: z.string(), privateKey: z.string() })
  .parse(JSON.parse(process.env.MSAL_PROGRAM_INPUT ?? '{}'));
const authority = `${origin}/${tenantId}`;
const knownAuthorities = [new URL(origin).host];

const confidential = (clientId: string, credential: object) =>
  new ConfidentialClientApplication({ auth: { clientId, authority, knownAuthorities, ...credential } });

async function control(command: string, body: object = {}): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await fetch(`${origin}/dev/${command}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function signInAndGetCode(msal: ConfidentialClientApplication): Promise<string> {
  const codeChallenge = new DemoApp({ origin, tenantId }).authorizeUrl().searchParams.get('code_challenge') ?? '';
  const request = { scopes: [readScope], redirectUri, nonce: 'n', codeChallenge, codeChallengeMethod: 'S256' };
  const browser = new Browser();
  await browser.goto(await msal.getAuthCodeUrl(request));
  await browser.submit('Next', { email: alice.email });
  const isBack = (url: URL) => url.origin === new URL(redirectUri).origin;
  const { url } = await browser.submit('Sign in', { password: seededPassword }, isBack);
  return url.searchParams.get('code') ?? '';
}

const redeem = (msal: ConfidentialClientApplication, code: string, codeVerifier = verifier) =>
  msal.acquireTokenByCode({ code, scopes: [readScope], redirectUri, codeVerifier, nonce: 'n' });

const signIn = async (msal: ConfidentialClientApplication) => redeem(msal, await signInAndGetCode(msal));

function refresh(msal: ConfidentialClientApplication, { account }: AuthenticationResult, scope = readScope) {
  if (!account) throw new Error('No account');
  return msal.acquireTokenSilent({ account, scopes: [scope] });
}

async function useDeviceCode(): Promise<AuthenticationResult | null> {
  const msal = new PublicClientApplication({ auth: { clientId: terminal.clientId, authority, knownAuthorities } });
  return msal.acquireTokenByDeviceCode({
    scopes: [readScope],
    deviceCodeCallback: async ({ userCode }) => {
      const browser = new Browser();
      await browser.goto(`${origin}/common/oauth2/deviceauth`);
      await browser.submit('Next', { user_code: userCode });
      await browser.submit('Continue');
      await browser.submit('Next', { email: alice.email });
      await browser.submit('Sign in', { password: seededPassword });
    },
  });
}

const done = (result: AuthenticationResult | null) => ({
  account: result?.account?.homeAccountId,
  scopes: result?.scopes,
  fromCache: result?.fromCache,
});

async function failure(attempt: Promise<unknown>) {
  const error: unknown = await attempt.then(
    () => new Error('It succeeded'),
    (reason: unknown) => reason,
  );
  const { name, errorCode, errorNo, subError } = z
    .looseObject({ name: z.string(), errorCode: z.string(), errorNo: z.unknown(), subError: z.string().optional() })
    .parse({ ...Object(error), name: Object(error).name });
  return { name, errorCode, errorNo: Number(errorNo), subError };
}

const day = 86_400;
const secret = confidential(webApp.clientId, { clientSecret: webApp.secret });
const certificate = confidential(webApp.clientId, { clientCertificate: { thumbprintSha256, privateKey } });
const appOnly = { scopes: [`${todoApi.identifierUri}/.default`] };

// A minute is less than MSAL wants a token to have left, so that it refreshes at once.
await control('access-token-lifetime', { seconds: 60 });
const first = await signIn(secret);
await control('clock', { advanceSeconds: 7200 });
const results: Record<string, unknown> = {
  secret: done(first),
  certificate: done(await signIn(certificate)),
  refresh: done(await refresh(secret, first)),
  clientCredentials: done(
    await confidential(daemon.clientId, { clientSecret: daemon.secret }).acquireTokenByClientCredential(appOnly),
  ),
  deviceCode: done(await useDeviceCode()),
};

results.wrongSecret = await failure(
  confidential(daemon.clientId, { clientSecret: 'wrong' }).acquireTokenByClientCredential(appOnly),
);
const stranger = { clientCertificate: { thumbprintSha256: 'ab'.repeat(32), privateKey } };
results.wrongCertificate = await failure(
  confidential(webApp.clientId, stranger).acquireTokenByClientCredential(appOnly),
);
const code = await signInAndGetCode(secret);
results.wrongVerifier = await failure(redeem(secret, code, 'w'.repeat(50)));
await redeem(secret, code);
results.reusedCode = await failure(redeem(confidential(webApp.clientId, { clientSecret: webApp.secret }), code));
results.noConsent = await failure(refresh(secret, first, `${todoApi.identifierUri}/ToDoList.ReadWrite`));
await control('revoke', { email: alice.email });
results.revoked = await failure(refresh(secret, first));
await control('clock', { advanceSeconds: 91 * day });
const late = await signIn(certificate);
await control('clock', { advanceSeconds: 91 * day });
results.inactive = await failure(refresh(certificate, late));
process.stdout.write(JSON.stringify(results));
