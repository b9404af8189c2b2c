import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TenantBrowser } from '../../../test/support/TenantBrowser.ts';
import { seededPassword } from '../../src/seed/customers.ts';
import { FaultyTenant } from './FaultyTenant.ts';

let faulty: FaultyTenant;
beforeAll(async () => {
  faulty = await FaultyTenant.start();
});
afterAll(() => faulty.tenant.stop());

async function answerWith(fault: string): Promise<URLSearchParams> {
  await faulty.signIn();
  await faulty.arm(fault);
  return (await faulty.signIn()).searchParams;
}

test('answer-wrong-issuer names another tenant together with a valid code', async () => {
  const answer = await answerWith('answer-wrong-issuer');
  expect(answer.get('iss')).toContain('99999999-9999-4999-8999-999999999999');
  expect(answer.get('code')).toEqual(expect.any(String));
});

test('answer-issuer-one-more adds a character to the issuer, together with a valid code', async () => {
  const answer = await answerWith('answer-issuer-one-more');
  const { tenantId } = faulty.tenant;
  expect(answer.get('iss')).toBe(`https://${tenantId}.ciamlogin.com/${tenantId}/v2.01`);
  expect(answer.get('code')).toEqual(expect.any(String));
});

test.each([
  ['answer-repeated-state', 'state', ['the-state', 'the-state']],
  ['answer-wrong-state', 'state', ['the-state1']],
  ['answer-no-state', 'state', []],
  ['answer-no-code', 'code', []],
  ['answer-repeated-code', 'code', [expect.any(String), expect.any(String)]],
  ['answer-error-with-code', 'error', ['server_error']],
])('%s: %s is %j', async (fault, name, values) => {
  expect((await answerWith(fault)).getAll(name)).toEqual(values);
});

test('a fault in a sign-in’s address is shown on its page and only in its answers, once', async () => {
  const browser = new TenantBrowser();
  const url = faulty.app.authorizeUrl({ fault: 'id-token-wrong-nonce' });
  const page = await browser.open(url);
  expect(page.html).toContain('A fault is armed for this sign-in: nonce is another sign-in&#39;s.');
  const password = await browser.submit(page, { email: 'bob@example.com' });
  const { url: answer } = await browser.submit(password, { password: seededPassword });
  const other = await faulty.app.redeem(await faulty.signIn());
  const own = await faulty.app.redeem(answer);
  expect(decodeJwt(String(other.body.id_token)).nonce).toBe('the-nonce');
  expect(decodeJwt(String(own.body.id_token)).nonce).toBe('a-nonce-of-another-sign-in');
});

test('a fault of the token endpoint in a sign-in’s address leaves the code valid', async () => {
  const answer = await faulty.signIn({ fault: 'token-500' });
  expect((await faulty.app.redeem(answer)).status).toBe(500);
  expect((await faulty.app.redeem(answer)).status).toBe(200);
});

test('a fault of the answer in a sign-in’s address shows in that answer', async () => {
  expect((await faulty.signIn({ fault: 'answer-no-state' })).searchParams.has('state')).toBe(false);
  expect((await faulty.signIn()).searchParams.has('state')).toBe(true);
});

test.each(['no-such-fault', 'keys-500', 'toString'])(
  'the fault %s in the address of a sign-in is refused',
  async (fault) => {
    const { status, html } = await new TenantBrowser().open(faulty.app.authorizeUrl({ fault }));
    expect(status).toBe(400);
    expect(html).toContain(`There is no sign-in fault named ${fault}.`);
  },
);

test('without a fault, the sign-in page does not mention one', async () => {
  expect((await new TenantBrowser().open(faulty.app.authorizeUrl())).html).not.toContain('fault');
});

test('GET /dev/faults lists every fault with its description and the number of answers left', async () => {
  await faulty.arm('token-500', 2);
  await faulty.rawTokenAnswer('token-429');
  const list = JSON.parse(await (await fetch(`${faulty.tenant.origin}/dev/faults`)).text());
  expect(list).toContainEqual({ name: 'token-500', description: expect.stringContaining('500'), armed: 1 });
  expect(list).toContainEqual({ name: 'token-empty', description: expect.any(String), armed: 0 });
  await faulty.arm('token-500', 0);
  await faulty.arm('token-429', 0);
});
