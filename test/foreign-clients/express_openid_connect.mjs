// An Express app with Auth0's express-openid-connect: sign-in and sign-out of a customer.
import express from 'express';
import openid from 'express-openid-connect';
import { openChromium, signIn } from './chromium.mjs';

const app = express();
const server = app.listen(0);
const baseURL = `http://localhost:${server.address().port}`;
app.use(
  openid.auth({
    issuerBaseURL: process.env.ISSUER,
    baseURL,
    clientID: '3d2c1b0a-4f5e-4d6c-8b7a-9f8e7d6c5b4a',
    clientSecret: 'local-tenant-web-app-secret',
    secret: 'only for this test, only for this test',
    authorizationParams: { response_type: 'code', scope: 'openid profile email' },
    authRequired: false,
    idpLogout: true,
    routes: { callback: '/auth/redirect', postLogoutRedirect: '/auth/signed-out' },
  }),
);
app.get('/me', openid.requiresAuth(), (request, response) => response.send(request.oidc.user.preferred_username));
app.get('/auth/signed-out', (request, response) => response.send(`signed in: ${request.oidc.isAuthenticated()}`));

const page = await openChromium();
await page.goto(`${baseURL}/me`);
await signIn(page);
await page.waitForURL(`${baseURL}/me`);
console.log(`signed in: ${await page.innerText('body')}`);
await page.goto(`${baseURL}/logout`);
await page.waitForURL(`${baseURL}/auth/signed-out`);
const end = await page.innerText('body');
if (end !== 'signed in: false') throw new Error(end);
console.log(`signed out, at ${new URL(page.url()).pathname}: ${end}`);
await page.context().browser().close();
server.close();
