import type { WrittenDocument } from '../registrations/document.ts';
import { daemon, loyaltyShop, terminal, todoApi, webApp } from './apps.ts';
import { seededAdministrator, seededCustomers, seededPassword } from './customers.ts';

const displayName = { name: 'displayName', label: 'Display name', isRequired: true };

function confidential<App extends { readonly secret: string; readonly redirectUris?: readonly string[] }>(app: App) {
  const { secret, redirectUris = [], ...registration } = app;
  return { ...registration, redirectUris: [...redirectUris], secrets: [{ value: secret }] };
}

/** The tenant's apps and customers without a file. Its home page offers this as a file to start from. */
export const seed: WrittenDocument = {
  displayName: 'Contoso',
  saveSignUps: false,
  apps: [
    {
      ...confidential(webApp),
      optionalClaims: { idToken: ['login_hint', 'sid', 'email'] },
      userFlow: 'Password',
    },
    { ...confidential(daemon), applicationPermissions: { [todoApi.clientId]: ['ToDoList.Read.All'] } },
    { ...terminal, redirectUris: [...terminal.redirectUris], isPublicClient: true, userFlow: 'Password' },
    {
      ...confidential(loyaltyShop),
      optionalClaims: { idToken: ['login_hint', 'sid', 'email'] },
      userFlow: 'Email code',
    },
  ],
  apis: [
    {
      ...todoApi,
      scopes: ['ToDoList.Read', 'ToDoList.ReadWrite'],
      appRoles: ['ToDoList.Read.All', 'ToDoList.ReadWrite.All'],
    },
  ],
  userFlows: [
    { name: 'Password', signIn: 'password', attributes: [displayName] },
    { name: 'Email code', signIn: 'emailOneTimePasscode', attributes: [displayName] },
  ],
  customers: [
    ...seededCustomers.map((customer) => ({ ...customer, password: seededPassword })),
    { ...seededAdministrator, directoryRoles: [...seededAdministrator.directoryRoles], password: seededPassword },
  ],
};

export const emptySeed: WrittenDocument = {
  displayName: seed.displayName,
  ...(seed.customers ? { customers: seed.customers } : {}),
};
