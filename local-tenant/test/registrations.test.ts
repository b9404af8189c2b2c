import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DocumentError, parseDocument } from '../src/registrations/document.ts';
import { Registrations } from '../src/registrations/Registrations.ts';
import { selfSignedCertificate } from '../src/runtime/selfSignedCertificate.ts';

const appId = '00000000-0000-4000-8000-00000000000a';
const apiId = '00000000-0000-4000-8000-00000000000b';
const oid = '00000000-0000-4000-8000-00000000000c';

const app = { clientId: appId, displayName: 'Shop' };
const api = {
  clientId: apiId,
  displayName: 'Orders',
  identifierUri: 'api://orders',
  scopes: ['Read'],
  appRoles: ['All'],
};
const customer = { oid, email: 'ada@example.com', displayName: 'Ada' };
const sound = { displayName: 'Fabrikam', apps: [app], apis: [api], customers: [customer] };

const withApp = (changes: object) => ({ ...sound, apps: [{ ...app, ...changes }] });
const withApi = (changes: object) => ({ ...sound, apis: [{ ...api, ...changes }] });
const withFlow = (changes: object) => ({ ...sound, userFlows: [{ name: 'One', ...changes }] });
const withCustomer = (changes: object) => ({ ...sound, customers: [{ ...customer, ...changes }] });

function problemsOf(document: unknown): string[] {
  try {
    parseDocument(document);
    return [];
  } catch (error) {
    if (error instanceof DocumentError) return error.message.split('\n');
    throw error;
  }
}

function newCertificate(): Buffer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return selfSignedCertificate(privateKey, publicKey, 'shop');
}

const city = { name: 'city', label: 'City' };
const google = { id: 'g', displayName: 'Google', domain: 'google.com' };
const federated = { issuer: 'https://issuer.example', subject: 'repo:shop' };

describe('a mistake is reported with its place', () => {
  test.each<[string, unknown, string]>([
    ['no name', { ...sound, displayName: undefined }, 'displayName is missing'],
    ['a number as the name', { ...sound, displayName: 7 }, 'displayName must be text in quotes'],
    ['an unknown key', { ...sound, app: [] }, 'app is not a known key'],
    ['an unknown key of an app', withApp({ redirectUri: 'x' }), 'apps.0.redirectUri is not a known key'],
    ['apps that are not a list', { ...sound, apps: {} }, 'apps must be a list: [ … ]'],
    ['an app that is not an object', { ...sound, apps: ['x'] }, 'apps.0 must be an object: { … }'],
    ['a client id that is not a GUID', withApp({ clientId: 'shop' }), 'apps.0.clientId must be a GUID'],
    ['a text for a boolean', withApp({ isPublicClient: 'yes' }), 'apps.0.isPublicClient must be true or false'],
    ['a relative redirect URI', withApp({ redirectUris: ['/auth'] }), 'apps.0.redirectUris.0 must be an absolute URL'],
    ['http', withApp({ redirectUris: ['http://shop.example/'] }), 'apps.0.redirectUris.0 must be https'],
    ['IPv6', withApp({ redirectUris: ['http://[::1]/'] }), 'apps.0.redirectUris.0 must not be on [::1]'],
    ['a fragment', withApp({ redirectUris: ['https://shop.example/#a'] }), 'must not have a fragment'],
    ['a wildcard', withApp({ redirectUris: ['https://*.shop.example/'] }), 'must not have a wildcard'],
    ['a user name', withApp({ redirectUris: ['https://a@shop.example/'] }), 'must not have user names'],
    ['a long URI', withApp({ redirectUris: [`https://shop.example/${'x'.repeat(256)}`] }), 'at most 256 characters'],
    ['many URIs', withApp({ redirectUris: Array(257).fill('https://shop.example/') }), 'at most 256 entries'],
    ['a logout URL on http', withApp({ logoutUrl: 'http://shop.example/' }), 'apps.0.logoutUrl must be https'],
    ['an empty secret', withApp({ secrets: [{ value: '' }] }), 'apps.0.secrets.0.value must not be empty'],
    ['an expiry that is not a time', withApp({ secrets: [{ value: 'x', expiresAt: 'soon' }] }), 'must be a time'],
    ['a certificate that is not valid', withApp({ certificates: ['AAAA'] }), 'apps.0.certificates.0 must be an X.509'],
    ['no audience', withApp({ federatedCredentials: [{ ...federated, audiences: [] }] }), 'must name an audience'],
    [
      'an issuer that is not a URL',
      withApp({ federatedCredentials: [{ ...federated, issuer: 'x' }] }),
      'must be the URL',
    ],
    [
      'an unknown claim',
      withApp({ optionalClaims: { idToken: ['amr'] } }),
      'apps.0.optionalClaims.idToken.0 must be an',
    ],
    [
      'idtyp in ID tokens',
      withApp({ optionalClaims: { idToken: ['idtyp'] } }),
      'must be an optional claim of this token',
    ],
    ['an unknown flow', withApp({ userFlow: 'x' }), 'apps.0.userFlow names a user flow that'],
    [
      'an unknown API',
      withApp({ requiredPermissions: { [oid]: [] } }),
      `requiredPermissions.${oid} is not the client id`,
    ],
    ['an API by name', withApp({ requiredPermissions: { Orders: [] } }), 'Orders as a key must be a GUID'],
    ['an unknown scope', withApp({ requiredPermissions: { [apiId]: ['x'] } }), 'is not among the scopes of apis.0'],
    [
      'an unknown app role',
      withApp({ applicationPermissions: { [apiId]: ['x'] } }),
      'not among the appRoles of apis.0',
    ],
    ['a public client with a secret', withApp({ isPublicClient: true, secrets: [{ value: 'x' }] }), 'public client'],
    ['an identifier URI of another form', withApi({ identifierUri: 'orders' }), 'apis.0.identifierUri must be api://'],
    ['no user flow', { ...sound, userFlows: [] }, 'userFlows must have a user flow'],
    ['an unknown way to sign in', withFlow({ signIn: 'sms' }), 'signIn must be one of: password, emailOneTimePasscode'],
    ['an unknown attribute', withFlow({ attributes: [{ name: 'shoe', label: 'S' }] }), 'must be an attribute'],
    ['an email that is not an address', withCustomer({ email: 'ada' }), 'customers.0.email must be an email address'],
    [
      'two passwords',
      withCustomer({ password: 'x', passwordHash: `scrypt$${'a'.repeat(22)}$${'a'.repeat(43)}` }),
      'not both',
    ],
    ['a hash of another kind', withCustomer({ passwordHash: '$2b$10$x' }), 'customers.0.passwordHash must be scrypt'],
    ['a role where there are none', withCustomer({ roles: { [appId]: ['x'] } }), 'not among the appRoles of apps.0'],
    ['an unknown role', withCustomer({ roles: { [apiId]: ['x'] } }), `roles.${apiId}.0 is not among the appRoles`],
    ['a list', [], 'must be an object: { … }'],
  ])('%s', (_name, document, expected) => {
    const problems = problemsOf(document);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
  });

  test('an error never contains a secret or a password', () => {
    const wrong = {
      ...withApp({ secrets: [{ value: ['hush-1'] }] }),
      customers: [{ ...customer, password: ['hush-2'] }],
    };
    expect(problemsOf(wrong).join()).not.toContain('hush');
  });
});

test('all mistakes are reported at once, whatever their kind', () => {
  const app2 = { ...app, displayName: '', userFlow: 'x' };
  expect(problemsOf({ ...sound, apps: [app, app2], extra: 1 })).toEqual([
    'apps.1.displayName must not be empty',
    'extra is not a known key',
    'apps.1.clientId is the same as in apps.0',
    'apps.1.userFlow names a user flow that this document does not have',
  ]);
});

test.each<[string, object, string]>([
  ['an app', { apps: [app, { ...app, clientId: appId.toUpperCase() }] }, 'apps.1.clientId is the same as in apps.0'],
  ['an identifier URI', { apis: [api, { ...api, clientId: oid }] }, 'apis.1.identifierUri is the same as in apis.0'],
  [
    'an attribute',
    { userFlows: [{ name: 'A', attributes: [city, city] }] },
    'userFlows.0.attributes.1.name is the same as in userFlows.0.attributes.0',
  ],
  [
    'an identity provider',
    { userFlows: [{ name: 'A', identityProviders: [google, google] }] },
    'userFlows.0.identityProviders.1.id is the same as in userFlows.0.identityProviders.0',
  ],
  ['a user flow', { userFlows: [{ name: 'A' }, { name: 'a' }] }, 'userFlows.1.name is the same as in userFlows.0'],
  [
    'an email address',
    { customers: [customer, { ...customer, oid: appId, email: 'ADA@example.com' }] },
    'customers.1.email is the same as in customers.0',
  ],
  [
    'an object id',
    { customers: [customer, { ...customer, email: 'b@example.com' }] },
    'customers.1.oid is the same as in customers.0',
  ],
])('a duplicate is refused: %s', (_name, changes, problem) => {
  expect(problemsOf({ ...sound, ...changes })).toEqual([problem]);
});

test('an app can have ten certificates, as PEM or as base64', () => {
  const base64 = newCertificate().toString('base64');
  const pem = `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
  expect(problemsOf(withApp({ certificates: [pem, base64] }))).toEqual([]);
  expect(problemsOf(withApp({ certificates: Array(11).fill(base64) }))).toEqual([
    'apps.0.certificates must have at most 10 entries',
  ]);
});

test('omitted properties get their defaults', () => {
  const { apps, userFlows, customers, saveSignUps } = parseDocument(sound);
  expect(saveSignUps).toBe(false);
  expect(apps[0]).toMatchObject({
    isEnabled: true,
    adminConsent: true,
    redirectUris: [],
  });
  expect(userFlows[0]).toMatchObject({
    signIn: 'password',
    isSignUpAllowed: true,
    attributes: [{ name: 'displayName' }],
  });
  expect(customers[0]).toMatchObject({ isEnabled: true, attributes: {}, roles: {} });
});

test('an app uses the flow that it names, or the first one', () => {
  const userFlows = [{ name: 'One' }, { name: 'Two' }];
  const other = { ...app, clientId: oid, userFlow: 'Two' };
  const registrations = new Registrations(parseDocument({ ...sound, apps: [app, other], userFlows }));
  expect(registrations.userFlowOf(appId.toUpperCase())?.name).toBe('One');
  expect(registrations.userFlowOf(oid)?.name).toBe('Two');
  expect(registrations.userFlowOf('unknown')).toBeUndefined();
});

test('an app requests the permissions that it lists, or all of the API', () => {
  const listed = { ...app, clientId: oid, requiredPermissions: { [apiId]: [] } };
  const registrations = new Registrations(parseDocument({ ...sound, apps: [app, listed] }));
  const asked = registrations.apps.map((each) =>
    registrations.apis.map((one) => registrations.requiredPermissions(each, one)),
  );
  expect(asked).toEqual([[['Read']], [[]]]);
});
