import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, clientId, startApi, webClientId } from '../api/apiHarness.ts';
import { expectRefused } from '../api/expectRefused.ts';

type Change = () => Record<string, unknown>;

const other = randomUUID();
const issuer = (tenantId: string) => `https://${tenantId}.ciamlogin.com/${tenantId}/v2.0`;
let api: Api;

beforeAll(async () => {
  api = await startApi();
});

afterAll(() => api.stop());

/** The tenant itself signs every token here: only the changed claim makes it invalid. */
const refused = (changes: Record<string, unknown>, header = {}) => expectRefused(api, api.token(changes, header));
const status = async (changes: Record<string, unknown>) =>
  (await api.call('GET', '/api/todolist', { token: api.token(changes) })).status;

describe('the issuer of the token', () => {
  it.each<[string, Change]>([
    ['of another tenant', () => ({ iss: issuer(other) })],
    ['of another tenant on our host', () => ({ iss: `https://${api.tenant.tenantId}.ciamlogin.com/${other}/v2.0` })],
    ['of our tenant on a foreign host', () => ({ iss: `https://evil.example.com/${api.tenant.tenantId}/v2.0` })],
    ['with a trailing slash', () => ({ iss: `${issuer(api.tenant.tenantId)}/` })],
    ['without the version', () => ({ iss: issuer(api.tenant.tenantId).replace('/v2.0', '') })],
    ['over http', () => ({ iss: issuer(api.tenant.tenantId).replace('https', 'http') })],
    ['in capitals', () => ({ iss: issuer(api.tenant.tenantId).toUpperCase() })],
    ['with a query', () => ({ iss: `${issuer(api.tenant.tenantId)}?` })],
    ['that is missing', () => ({ iss: undefined })],
    ['that is null', () => ({ iss: null })],
    ['that is a list', () => ({ iss: [issuer(api.tenant.tenantId)] })],
  ])('B-11 an iss %s is refused', (_, changes) => refused(changes()));

  it.each<[string, Change]>([
    ['no tid', () => ({ tid: undefined })],
    ['the tid of another tenant', () => ({ tid: other })],
    ['a list of tids', () => ({ tid: [api.tenant.tenantId] })],
    [
      'a customer who is of another tenant, by tid and idp',
      () => ({ tid: other, idp: `https://sts.windows.net/${other}/` }),
    ],
    ['ver 1.0', () => ({ ver: '1.0' })],
    ['ver as a number', () => ({ ver: 2 })],
    ['no ver', () => ({ ver: undefined })],
  ])('B-19 %s is refused', (_, changes) => refused(changes()));

  it.each([
    ['with a social account', { idp: 'google.com' }],
    ['invited as a guest', { idp: `https://sts.windows.net/${other}/`, acct: 1 }],
  ])('B-19 a customer of this tenant %s owns only their own to-dos', async (_, claims) => {
    const oid = randomUUID();
    const token = api.token({ oid, ...claims });
    const body = { description: 'Buy milk' };
    for (const owner of [token, api.token()]) await api.call('POST', '/api/todolist', { token: owner, body });
    const todos = JSON.parse((await api.call('GET', '/api/todolist', { token })).text);
    expect(todos).toEqual([expect.objectContaining({ owner: oid })]);
  });
});

describe('the audience of the token', () => {
  it.each<[string, Change]>([
    ['of the web app, as an ID token has', () => ({ aud: webClientId })],
    ['of Graph', () => ({ aud: '00000003-0000-0000-c000-000000000000' })],
    ['that is missing', () => ({ aud: undefined })],
    ['that is empty', () => ({ aud: '' })],
    ['with a prefix', () => ({ aud: `api://${clientId}` })],
    ['with something behind it', () => ({ aud: `${clientId}/.default` })],
    ['in capitals', () => ({ aud: clientId.toUpperCase() })],
    ['that is an object', () => ({ aud: { 0: clientId, length: 1 } })],
    ['list without the API', () => ({ aud: [webClientId, other] })],
    ['list that is empty', () => ({ aud: [] })],
    ['list within a list', () => ({ aud: [[clientId]] })],
  ])('B-12 an aud %s is refused', (_, changes) => refused(changes()));

  it('B-12 an aud array that contains the API is accepted', async () => {
    expect(await status({ aud: [webClientId, clientId] })).toBe(200);
  });
});

describe('tokens of other kinds, signed by the tenant', () => {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };

  it.each<[string, Change]>([
    ["the web app's ID token", () => ({ aud: webClientId, nonce: 'abc', scp: undefined, azp: undefined })],
    ["an ID token of an app that shares the API's registration", () => ({ nonce: 'abc' })],
    ['an ID token whose nonce is null', () => ({ nonce: null })],
    ['a logout token', () => ({ events, oid: undefined, scp: undefined, exp: undefined })],
    ['a logout token with the claims of an access token but a customer', () => ({ events, oid: undefined })],
  ])('B-18 %s is refused', (_, changes) => refused(changes()));

  it.each(['logout+jwt', 'at+jwt', 'secevent+jwt', 'JOSE', '', 5, null, ['JWT'], undefined])(
    'B-18 the typ %j is refused',
    (typ) => refused({}, { typ }),
  );
});

describe('the subject of the token', () => {
  it.each<[string, Record<string, unknown>]>([
    ['sub empty', { sub: '' }],
    ['sub a number', { sub: 5 }],
    ['sub missing', { sub: undefined }],
    ['sub a list', { sub: ['alice'] }],
    ['oid missing', { oid: undefined }],
    ['oid empty', { oid: '' }],
    ['oid null', { oid: null }],
    ['oid a list', { oid: [other] }],
    ['oid no GUID', { oid: 'alice' }],
    ['oid with the name of another key in it', { oid: `${other}:owners` }],
    ['oid with a line break behind it', { oid: `${other}\n` }],
    ['oid a pattern', { oid: '*' }],
    ['oid of zero bytes', { oid: '\0'.repeat(36) }],
  ])('B-28 %s is refused', (_, changes) => refused(changes));

  it('B-28 the oid in capitals is the same customer', async () => {
    const oid = randomUUID();
    const token = (spelled: string) => api.token({ oid: spelled });
    await api.call('POST', '/api/todolist', { token: token(oid.toUpperCase()), body: { description: 'Buy milk' } });
    const todos = JSON.parse((await api.call('GET', '/api/todolist', { token: token(oid) })).text);
    expect(todos).toEqual([{ id: expect.any(Number), owner: oid, description: 'Buy milk' }]);
  });
});
