import { expect, test } from 'vitest';
import { parseDocument } from '../src/registrations/document.ts';
import { Registrations } from '../src/registrations/Registrations.ts';
import { loyaltyShop, terminal, todoApi, webApp } from '../src/seed/apps.ts';
import { seed } from '../src/seed/seed.ts';

test('the seed keeps the rules, and has the apps that others name', () => {
  const registrations = new Registrations(parseDocument(seed));
  expect(registrations.isRedirectUriOf(webApp.clientId, 'http://localhost:4000/auth/redirect')).toBe(true);
  expect(registrations.isRedirectUriOf(webApp.clientId, 'http://localhost:4000/AUTH/redirect')).toBe(false);
  expect(registrations.findClient(terminal.clientId)?.isPublicClient).toBe(true);
  expect(registrations.userFlowOf(loyaltyShop.clientId)?.signIn).toBe('emailOneTimePasscode');
  expect(registrations.findApi(todoApi.identifierUri)).toBe(registrations.findApi(todoApi.clientId));
});
