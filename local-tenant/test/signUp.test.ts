import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningTenant, startTenant } from '../../test/support/startTenant.ts';
import { type BrowserPage, newestCode, TenantBrowser } from '../../test/support/TenantBrowser.ts';
import { claimsOf, DemoApp } from './DemoApp.ts';

let tenant: RunningTenant;
let app: DemoApp;
beforeAll(async () => {
  tenant = await startTenant();
  app = new DemoApp(tenant);
});
afterAll(() => tenant.stop());

const password = 'Correct horse 7';

async function openCodePage(email: string): Promise<{ browser: TenantBrowser; page: BrowserPage }> {
  const browser = new TenantBrowser();
  const address = await browser.open(app.authorizeUrl({ prompt: 'create' }));
  return { browser, page: await browser.submit(address, { email }) };
}

async function openDetailsPage(email: string): Promise<{ browser: TenantBrowser; page: BrowserPage }> {
  const { browser, page } = await openCodePage(email);
  return { browser, page: await browser.submit(page, { code: await newestCode(tenant.origin, email) }) };
}

test('a new customer signs up from the sign-in page, is then signed in, and can sign in again', async () => {
  const account = { email: 'Nia@Example.com', password, displayName: 'Nia Novak' };
  const answer = await new TenantBrowser().signUp(app.authorizeUrl(), account);
  const claims = claimsOf(await app.redeem(answer), 'id_token');
  expect(claims).toMatchObject({ name: 'Nia Novak', preferred_username: 'nia@example.com' });
  const again = await new TenantBrowser().signIn(app.authorizeUrl(), 'NIA@example.com', password);
  expect(claimsOf(await app.redeem(again), 'id_token').oid).toBe(claims.oid);
});

test('prompt=create opens the sign-up page with the address of login_hint, even for a customer with a session', async () => {
  const browser = new TenantBrowser();
  const account = { email: 'omar@example.com', password, displayName: 'Omar' };
  const first = claimsOf(await app.redeem(await browser.signUp(app.authorizeUrl(), account)), 'id_token');
  const page = await browser.open(app.authorizeUrl({ prompt: 'create', login_hint: 'second@example.com' }));
  expect(page.html).toContain('<h1>Create account</h1>');
  expect(page.html).toContain('value="second@example.com"');
  const other = { ...account, email: 'second@example.com' };
  const answer = await browser.signUp(app.authorizeUrl({ prompt: 'create' }), other);
  expect(claimsOf(await app.redeem(answer), 'id_token').oid).not.toBe(first.oid);
});

test('login_hint prefills the sign-in page', async () => {
  const page = await new TenantBrowser().open(app.authorizeUrl({ login_hint: 'a"b@example.com' }));
  expect(page.html).toContain('value="a&#34;b@example.com"');
});

test('the code page hides most of the address, and the mail has the code', async () => {
  const { page } = await openCodePage('pia@example.com');
  expect(page.html).toContain('p•••@example.com');
  expect(page.html).not.toContain('pia@example.com');
  expect(await newestCode(tenant.origin, 'pia@example.com')).toMatch(/^\d{8}$/);
  const inbox = await (await fetch(`${tenant.origin}/inbox`)).text();
  expect(inbox).toContain('pia@example.com');
});

test('a wrong code is refused, and after five tries so is the right one', async () => {
  const email = 'quinn@example.com';
  const { browser, page } = await openCodePage(email);
  const code = await newestCode(tenant.origin, email);
  const wrong = code === '00000000' ? '11111111' : '00000000';
  const refused = await browser.submit(page, { code: wrong });
  expect(refused.status).toBe(400);
  expect(refused.html).toContain('That code is not right.');
  for (let tries = 0; tries < 4; tries += 1) await browser.submit(page, { code: wrong });
  expect((await browser.submit(page, { code })).html).toContain('Too many wrong codes.');
});

test('a new code can be requested after five minutes and replaces the previous one', async () => {
  const email = 'rosa@example.com';
  const { browser, page } = await openCodePage(email);
  const first = await newestCode(tenant.origin, email);
  const resend = { ...page, html: page.html.slice(page.html.lastIndexOf('<form')) };
  const early = await browser.submit(resend, {});
  expect(early.html).toContain('You can ask for another one in 5 minutes.');
  expect(await newestCode(tenant.origin, email)).toBe(first);
  await tenant.control('clock', { advanceSeconds: 300 });
  const again = await browser.submit(resend, {});
  expect(again.html).toContain('We sent a new code.');
  const second = await newestCode(tenant.origin, email);
  if (first !== second) expect((await browser.submit(again, { code: first })).status).toBe(400);
  expect((await browser.submit(again, { code: second })).html).toContain('<h1>Add details</h1>');
});

test('a code is valid for ten minutes', async () => {
  const email = 'sam@example.com';
  const { browser, page } = await openCodePage(email);
  await tenant.control('clock', { advanceSeconds: 601 });
  const refused = await browser.submit(page, { code: await newestCode(tenant.origin, email) });
  expect(refused.html).toContain('That code has expired.');
});

test('the details page needs the code', async () => {
  const { browser, page } = await openCodePage('tess@example.com');
  const details = new URL(page.url.href.replace(/code$/, 'details'));
  expect((await browser.open(details)).html).toContain('<h1>Create account</h1>');
  const form = `<form action="${details.pathname}"></form>`;
  const posted = await browser.submit(
    { ...page, html: form },
    { displayName: 'Tess', password, confirmPassword: password },
  );
  expect(posted.html).toContain('<h1>Create account</h1>');
});

test.each([
  ['a short password', { password: '1234567', confirmPassword: '1234567' }, 'Use at least 8 characters.'],
  ['a long password', { password: 'x'.repeat(257), confirmPassword: 'x'.repeat(257) }, 'Use at most 256 characters.'],
  ['two passwords', { confirmPassword: 'something else' }, 'The two passwords are not the same.'],
  ['no name', { displayName: '  ' }, 'Enter the name to show.'],
  ['a name that nobody can see', { displayName: '\u200b\u3164\u2800\ufe0f' }, 'Enter the name to show.'],
])('%s is refused with its reason, and the name is kept', async (what, changes, reason) => {
  const { browser, page } = await openDetailsPage(`${what.replaceAll(' ', '-')}@example.com`);
  const given = { displayName: 'Uma <b>', password, confirmPassword: password, ...changes };
  const refused = await browser.submit(page, given);
  expect(refused.status).toBe(400);
  expect(refused.html).toContain(reason);
  if (given.displayName.startsWith('Uma')) expect(refused.html).toContain('value="Uma &lt;b&gt;"');
  expect(refused.html).not.toContain(given.password);
});

test('an address with an account is refused on the sign-up page, and after it was taken meanwhile', async () => {
  const { page } = await openCodePage('ALICE@example.com');
  expect(page.html).toContain('It looks like you may already have an account.');
  const details = { displayName: 'Vera', password, confirmPassword: password };
  const [one, other] = [await openDetailsPage('vera@example.com'), await openDetailsPage('vera@example.com')];
  expect((await one.browser.submit(one.page, details)).isElsewhere).toBe(true);
  const late = await other.browser.submit(other.page, details);
  expect(late.html).toContain('It looks like you may already have an account.');
});

test('an unknown address, a malformed one and a wrong password are reported on the page', async () => {
  const browser = new TenantBrowser();
  const first = await browser.open(app.authorizeUrl());
  const unknown = await browser.submit(first, { email: 'nobody@example.com' });
  expect(unknown.html).toContain('We could not find an account with this address.');
  expect(unknown.html).toContain('/sign-up">Create one</a>');
  const malformed = await browser.submit(first, { email: 'nobody' });
  expect(malformed.html).toContain('Enter an email address');
  const passwordPage = await browser.submit(first, { email: 'Alice@Example.com' });
  const wrong = await browser.submit(passwordPage, { password: 'wrong' });
  expect(wrong.status).toBe(400);
  expect(wrong.html).toContain('Your account or password is incorrect.');
  expect(wrong.html).toContain('Alice@Example.com');
});

test('Cancel on a sign-up page answers the app', async () => {
  const { browser, page } = await openDetailsPage('walt@example.com');
  const { url } = await browser.submit(page, {}, 'Cancel');
  expect(url.search).toBe('?error=access_denied&error_subcode=cancel&state=the-state');
});
