import { expect, test } from 'vitest';
import { parseDocument } from '../src/registrations/document.ts';
import { CustomerDirectory } from '../src/state/CustomerDirectory.ts';

const ada = { oid: '00000000-0000-4000-8000-00000000000a', email: 'Ada@Example.com', displayName: 'Ada' };
const saved: string[] = [];

function directoryOf(changes: object): CustomerDirectory {
  const { customers } = parseDocument({ displayName: 'Fabrikam', customers: [{ ...ada, ...changes }] });
  return new CustomerDirectory(customers, async ({ email }) => void saved.push(email));
}

test('a customer is found by the address in any case, with the document’s data', () => {
  const directory = directoryOf({ attributes: { city: 'Oslo' }, isEnabled: false, identityProvider: 'google.com' });
  expect(directory.findByEmail('ADA@EXAMPLE.COM')).toEqual({
    oid: ada.oid,
    email: 'ada@example.com',
    displayName: 'Ada',
    ...{
      attributes: { city: 'Oslo' },
      isEnabled: false,
      roles: {},
      directoryRoles: [],
      identityProvider: 'google.com',
    },
  });
  expect(directory.findByOid(ada.oid)).toBe(directory.findByEmail(ada.email));
});

test('a customer without a password cannot sign in with one', async () => {
  const directory = directoryOf({});
  for (const password of ['', 'undefined', 'x']) {
    expect(await directory.authenticate(ada.email, password)).toBeUndefined();
    expect(await directory.authenticate('nobody@example.com', password)).toBeUndefined();
  }
});

test('a password can be changed, except for an unknown customer', async () => {
  const directory = directoryOf({ password: 'old' });
  await directory.setPassword(ada.oid, 'new');
  await directory.setPassword('unknown', 'new');
  expect(saved).toEqual(['ada@example.com']);
  expect(await directory.authenticate(ada.email, 'old')).toBeUndefined();
  expect(await directory.authenticate(ada.email, 'new')).toBeDefined();
});

test('an address has one account, even after two concurrent sign-ups', async () => {
  const directory = directoryOf({});
  const bo = { email: 'bo@example.com', displayName: 'Bo', password: 'x' };
  const added = await Promise.all([directory.add(bo), directory.add(bo)]);
  expect(added.filter(Boolean)).toHaveLength(1);
  expect(await directory.add({ ...bo, email: 'ADA@example.com' })).toBeUndefined();
});

test('a reset restores the initial customers and passwords', async () => {
  const directory = directoryOf({ password: 'old' });
  await directory.add({ email: 'bo@example.com', displayName: 'Bo' });
  await directory.setPassword(ada.oid, 'new');
  directory.reset();
  expect(directory.findByEmail('bo@example.com')).toBeUndefined();
  expect(await directory.authenticate(ada.email, 'old')).toBeDefined();
});
