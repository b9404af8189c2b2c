import type { Application } from '../../registration/graphSchemas.ts';
import type { DirectoryApp } from '../directory.ts';
import { type Finding, fail, ok, unchecked, warn } from '../finding.ts';

const dayMs = 24 * 3_600_000;
const warnedDays = 30;
const todoScopes = ['ToDoList.Read', 'ToDoList.ReadWrite'];

/** Whether the redirect URIs are registered exactly as they are sent, and for the platform Web. */
export function judgeWebAddresses({ web, spa, publicClient }: Application, baseUrl: string): Finding {
  const name = 'registered addresses';
  const wanted = ['/auth/redirect', '/auth/signed-out'].map((path) => baseUrl + path);
  const isAmong = (uri: string, uris: readonly string[] = []) =>
    uris.some((other) => withoutLocalPort(other) === withoutLocalPort(uri));
  const missing = wanted.filter((uri) => !isAmong(uri, web?.redirectUris));
  if (missing.length === 0) return ok(name, wanted.join(' and '));
  const elsewhere = [...(spa?.redirectUris ?? []), ...(publicClient?.redirectUris ?? [])];
  const isElsewhere = missing.some((uri) => isAmong(uri, elsewhere));
  const cause = isElsewhere ? 'registered for a platform other than Web' : 'not registered';
  return fail(name, `${missing.join(' and ')}: ${cause}`, 'admin center: the app, Authentication, platform Web');
}

/** @see https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions */
function withoutLocalPort(uri: string): string {
  return uri.replace(/^http:\/\/localhost:\d+(?=\/|$)/, 'http://localhost');
}

/** When the secret in the settings expires. Graph shows its first characters. */
export function judgeSecret({ passwordCredentials }: Application, secret: string, now: number): Finding {
  const name = 'secret expiry';
  const times = passwordCredentials
    .filter(({ hint }) => hint && secret.startsWith(hint))
    .map(({ endDateTime }) => Date.parse(endDateTime ?? ''))
    .filter((time) => !Number.isNaN(time));
  if (times.length === 0) {
    const fix = "copy a secret's Value (Certificates & secrets), or make one: npm run rotate";
    return fail(name, 'no secret of the registration starts like CLIENT_SECRET', fix);
  }
  const end = Math.max(...times);
  const days = Math.floor((end - now) / dayMs);
  const cause = `CLIENT_SECRET expires on ${new Date(end).toISOString().slice(0, 10)}`;
  if (end <= now) return fail(name, cause.replace('expires', 'expired'), 'make a new one: npm run rotate');
  return days < warnedDays ? warn(name, cause, 'replace it in time: npm run rotate') : ok(name, cause);
}

/**
 * Whether an administrator consented for all customers, who cannot consent themselves.
 * @param resources the service principals of the to-do API and of Graph
 */
export function judgeConsent(
  name: string,
  { servicePrincipal, grants }: DirectoryApp,
  resources: { readonly apiId: string | undefined; readonly graphId: string | undefined },
): Finding {
  const fix = 'admin center: the app, API permissions, Grant admin consent; or npm run configure';
  if (!servicePrincipal) return fail(name, 'the app has no service principal (enterprise application)', fix);
  const needed = [
    ...todoScopes.map((scope) => ({ scope, resource: resources.apiId })),
    { scope: 'openid', resource: resources.graphId },
    { scope: 'offline_access', resource: resources.graphId },
  ];
  const given = (resource: string | undefined) => grants.find(({ resourceId }) => resourceId === resource)?.scope ?? '';
  const missing = needed.filter(({ scope, resource }) => !given(resource).split(' ').includes(scope));
  if (missing.length === 0) return ok(name, 'given for all customers');
  return fail(name, `missing for ${missing.map(({ scope }) => scope).join(', ')}`, fix);
}

/** Whether customers of the app have a user flow to sign up and sign in. */
export function judgeUserFlow(name: string, { userFlow }: DirectoryApp): Finding {
  if (userFlow === 'unreadable') {
    const cause = 'this administrator may not read user flows';
    return unchecked(name, cause, 'sign in as External ID User Flow Administrator');
  }
  if (userFlow) return ok(name, userFlow.displayName ?? 'without a name');
  const fix = 'admin center: External Identities, User flows, your flow, Applications, add the app';
  return fail(name, 'the app is in no user flow, so customers cannot sign up', fix);
}

/** Whether the API has its scopes and its identifier URI, and gets tokens that it accepts. */
export function judgeApi({ application, servicePrincipal }: DirectoryApp, clientId: string): Finding[] {
  const { api, identifierUris } = application;
  const scopes =
    api?.oauth2PermissionScopes.filter(({ isEnabled = true }) => isEnabled).map(({ value }) => value) ?? [];
  const missing = todoScopes.filter((scope) => !scopes.includes(scope));
  const uri = `api://${clientId}`;
  return [
    missing.length === 0
      ? ok('API scopes', todoScopes.join(' and '))
      : fail('API scopes', `${missing.join(' and ')}: missing or disabled`, 'admin center: the API, Expose an API'),
    identifierUris.includes(uri) && servicePrincipal
      ? ok('API URI', uri)
      : fail('API URI', `${uri} is not set, or the API has no service principal`, 'npm run configure'),
    // Version 1 tokens have another issuer and audience. Unset means 1.
    api?.requestedAccessTokenVersion === 2
      ? ok('API token version', '2')
      : fail('API token version', 'the API gets version 1 tokens, which it refuses', accessTokenVersionFix),
  ];
}

const accessTokenVersionFix = 'admin center: the API, Manifest, api.requestedAccessTokenVersion: 2';

/** Whether the headless app can use device codes and the browser. */
export function judgeHeadless({ isFallbackPublicClient, publicClient }: Application): Finding {
  const name = 'headless registration';
  if (isFallbackPublicClient !== true) {
    return fail(name, 'not a public client', 'admin center: the app, Authentication, Allow public client flows: Yes');
  }
  if (publicClient?.redirectUris.some((uri) => withoutLocalPort(uri) === 'http://localhost')) {
    return ok(name, 'a public client with http://localhost');
  }
  const fix = 'admin center: the app, Authentication, platform Mobile and desktop applications, http://localhost';
  return warn(name, 'http://localhost is not registered, so sign-in by browser is refused', fix);
}
