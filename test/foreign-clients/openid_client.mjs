// openid-client finds the tenant by its issuer, as with Entra: code with PKCE and max_age, refresh, client credentials.
import { createServer } from 'node:http';
import * as client from 'openid-client';
import { openChromium, signIn } from './chromium.mjs';

const { ISSUER, API } = process.env;
const appOf = (id, secret) => client.discovery(new URL(ISSUER), id, secret);

const web = await appOf('3d2c1b0a-4f5e-4d6c-8b7a-9f8e7d6c5b4a', 'local-tenant-web-app-secret');
console.log(`discovery: issuer ${web.serverMetadata().issuer}`);

const server = createServer((_request, response) => response.end('done')).listen(0);
const redirect_uri = `http://localhost:${server.address().port}/auth/redirect`;
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
const page = await openChromium();
await page.goto(
  client.buildAuthorizationUrl(web, {
    redirect_uri,
    scope: `openid profile offline_access ${API}/ToDoList.Read`,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
    max_age: '3600',
  }).href,
);
await signIn(page);
await page.waitForURL(`${redirect_uri}?*`);
const checks = { pkceCodeVerifier, expectedState, expectedNonce, maxAge: 3600 };
const tokens = await client.authorizationCodeGrant(web, new URL(page.url()), checks);
console.log(`authorization code: ${tokens.claims().preferred_username}, auth_time ${tokens.claims().auth_time}`);
const renewed = await client.refreshTokenGrant(web, tokens.refresh_token);
console.log(`refresh: ${renewed.scope}`);
await page.context().browser().close();
server.close();

const daemon = await appOf('8f7e6d5c-1b0a-4c9d-a8e7-6f5b4d3c2a19', 'local-tenant-daemon-secret');
const own = await client.clientCredentialsGrant(daemon, { scope: `${API}/.default` });
console.log(`client credentials: ${own.token_type}, ${own.expires_in} s`);
