import type { WrittenDocument } from '../registrations/document.ts';
import { daemon, loyaltyShop, terminal, todoApi, webApp } from './apps.ts';
import { seededAdministrator, seededCustomers, seededPassword } from './customers.ts';

const displayName = { name: 'displayName', label: 'Display name', isRequired: true };

const administrator = {
  ...seededAdministrator,
  directoryRoles: [...seededAdministrator.directoryRoles],
  password: seededPassword,
};

/** What the tenant knows when no file says otherwise; its home page offers this as a file to start from. */
export const seed: WrittenDocument = {
  displayName: 'Contoso',
  saveSignUps: false,
  apps: [
    {
      clientId: webApp.clientId,
      displayName: webApp.displayName,
      redirectUris: [...webApp.redirectUris],
      logoutUrl: webApp.logoutUrl,
      secrets: [{ value: webApp.secret }],
      optionalClaims: { idToken: ['login_hint', 'sid', 'email'] },
      userFlow: 'Password',
    },
    {
      clientId: daemon.clientId,
      displayName: daemon.displayName,
      secrets: [{ value: daemon.secret }],
      applicationPermissions: { [todoApi.clientId]: ['ToDoList.Read.All'] },
    },
    {
      clientId: terminal.clientId,
      displayName: terminal.displayName,
      redirectUris: [...terminal.redirectUris],
      isPublicClient: true,
      userFlow: 'Password',
    },
    {
      clientId: loyaltyShop.clientId,
      displayName: loyaltyShop.displayName,
      redirectUris: [...loyaltyShop.redirectUris],
      logoutUrl: loyaltyShop.logoutUrl,
      secrets: [{ value: loyaltyShop.secret }],
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
  customers: [...seededCustomers.map((customer) => ({ ...customer, password: seededPassword })), administrator],
};

/** A tenant in which nothing is registered yet: what comes, comes through Microsoft Graph. */
export const emptySeed: WrittenDocument = {
  displayName: seed.displayName,
  ...(seed.customers ? { customers: seed.customers } : {}),
};
