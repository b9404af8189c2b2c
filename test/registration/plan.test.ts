import { describe, expect, test } from 'vitest';
import { graphAppId, signInPermissions } from '../../src/registration/graphSchemas.ts';
import { pending, plan } from '../../src/registration/plan.ts';
import type { TenantState } from '../../src/registration/read.ts';
import type { PlanOptions } from '../../src/registration/step.ts';
import { emptyState, sample, soundState, withApp } from './states.ts';

const keep: PlanOptions = { credential: 'keep' };

/** One step of the plan, as `kind: what`. */
function said(state: TenantState, id: string, options = keep): string {
  const step = plan(sample, state, options).find((each) => each.id === id);
  return `${step?.kind}: ${step?.what}`;
}

describe('the plan for an empty tenant', () => {
  test('creates everything, and refers to nothing before it exists', () => {
    const steps = plan(sample, emptyState, { credential: 'secret' });
    expect(steps.map(({ kind }) => kind)).toEqual(steps.map(() => 'create'));
    const order = steps.map(({ id }) => id);
    const precedes = (first: string, second: string) => order.indexOf(first) < order.indexOf(second);
    expect(precedes('api', 'web') && precedes('web', 'pre-authorization')).toBe(true);
    expect(
      precedes('api-service-principal', 'web-consent') && precedes('headless-service-principal', 'headless-consent'),
    ).toBe(true);
    expect(precedes('user-flow', 'user-flow-apps')).toBe(true);
    expect(order.at(-1)).toBe('credential');
  });

  test('describes what each step creates', () => {
    expect(said(emptyState, 'web')).toBe('create: web app "To-do web app"');
    expect(said(emptyState, 'web-consent')).toBe(
      'create: admin consent for "To-do web app": openid, offline_access, profile, ToDoList.Read, ToDoList.ReadWrite',
    );
    expect(said(emptyState, 'user-flow')).toBe(
      'create: user flow "To-do sign-up and sign-in": sign-up and sign-in with email and password',
    );
  });
});

describe('the plan for a complete tenant', () => {
  test('has nothing to do', () => {
    expect(pending(plan(sample, soundState(), keep))).toEqual([]);
  });

  test('is deterministic', () => {
    const words = () => plan(sample, soundState(), keep).map(({ kind, what }) => [kind, what]);
    expect(words()).toEqual(words());
  });

  test('keeps what a developer added, and says so', () => {
    const redirectUris = [...sample.web.redirectUris, 'https://todo.example.com/auth/redirect'];
    const state = withApp(soundState(), 'web', { web: { redirectUris } });
    expect(said(state, 'web')).toBe(
      'leave: web app "To-do web app"; keeps what the manifest does not name: redirect URI https://todo.example.com/auth/redirect',
    );
  });
});

describe('the plan names the one value that is missing', () => {
  const claims = { idToken: [{ name: 'login_hint' }, { name: 'sid' }, { name: 'email' }] };
  const [read, readWrite] = sample.api.scopes.map(({ id }) => id);
  const graphAccess = {
    resourceAppId: graphAppId,
    resourceAccess: signInPermissions.map(({ id }) => ({ id, type: 'Scope' })),
  };
  const apiParts = soundState().api?.application.api;
  const cases: [string, 'api' | 'web' | 'headless', Record<string, unknown>, string, string][] = [
    [
      'a redirect URI',
      'web',
      { web: { redirectUris: sample.web.redirectUris.slice(0, 1) } },
      'web',
      'redirect URI http://localhost:3000/auth/signed-out',
    ],
    ['an optional claim', 'web', { optionalClaims: claims }, 'web', 'ID token claim acrs'],
    [
      'a required permission',
      'web',
      {
        requiredResourceAccess: [
          graphAccess,
          { resourceAppId: 'api-client', resourceAccess: [{ id: read, type: 'Scope' }] },
        ],
      },
      'web',
      'permission To-do API ToDoList.ReadWrite',
    ],
    ['all permissions of an API', 'web', { requiredResourceAccess: [graphAccess] }, 'web', 'permission To-do API'],
    ['a renamed app', 'web', { displayName: 'Old name' }, 'web', 'display name To-do web app'],
    ['the public client flows', 'headless', { isFallbackPublicClient: false }, 'headless', 'public client flows true'],
    [
      'a scope',
      'api',
      { api: { ...apiParts, oauth2PermissionScopes: apiParts?.oauth2PermissionScopes.slice(0, 1) } },
      'api',
      'scope ToDoList.ReadWrite',
    ],
    [
      'a disabled scope',
      'api',
      {
        api: {
          ...apiParts,
          oauth2PermissionScopes: apiParts?.oauth2PermissionScopes.map((scope) => ({
            ...scope,
            isEnabled: scope.id !== readWrite,
          })),
        },
      },
      'api',
      'scope ToDoList.ReadWrite true',
    ],
    [
      'version 2 of the access token',
      'api',
      { api: { ...apiParts, requestedAccessTokenVersion: null } },
      'api',
      'access token version 2',
    ],
    ['an app role', 'api', { appRoles: [] }, 'api', 'app role ToDoList.Read.All, app role ToDoList.ReadWrite.All'],
    ['the identifier URI', 'api', { identifierUris: [] }, 'api-identifier-uri', 'identifier URI api://api-client'],
    [
      'a pre-authorized app',
      'api',
      { api: { ...apiParts, preAuthorizedApplications: apiParts?.preAuthorizedApplications.slice(1) } },
      'pre-authorization',
      'pre-authorized app To-do web app',
    ],
  ];
  test.each(cases)('%s', (_what, app, changes, id, words) => {
    const state = withApp(soundState(), app, changes);
    const steps = plan(sample, state, keep).filter(({ kind }) => kind !== 'leave');
    expect(steps.map((step) => [step.id, step.kind])).toEqual([[id, 'change']]);
    expect(steps[0]?.what.endsWith(`: ${words}`)).toBe(true);
  });

  test('a consent', () => {
    const { web } = soundState();
    const grants = web?.grants.map((grant) => ({ ...grant, scope: grant.scope?.split(' ')[0] ?? '' })) ?? [];
    expect(said({ ...soundState(), web: web && { ...web, grants } }, 'web-consent')).toBe(
      'change: admin consent for "To-do web app": offline_access, profile, ToDoList.ReadWrite',
    );
  });

  test('sign-up, or the sign-in method, of a user flow', () => {
    const flow = soundState().userFlow;
    const closed = { ...flow, id: 'flow', onInteractiveAuthFlowStart: { isSignUpAllowed: false } };
    expect(said({ ...soundState(), userFlow: closed }, 'user-flow')).toContain('change: ');
    expect(said({ ...soundState(), userFlow: closed }, 'user-flow')).toContain('sign-up allowed true');
    const codes = { onAuthenticationMethodLoadStart: { identityProviders: [{ id: 'EmailOtpSignup-OAUTH' }] } };
    expect(said({ ...soundState(), userFlow: { ...closed, ...codes } }, 'user-flow')).toContain(
      'sign-in method EmailPassword-OAUTH',
    );
  });

  test('nothing for lists and types of a user flow that Graph does not show', () => {
    const { onAttributeCollection, onAuthenticationMethodLoadStart: _hidden, ...flow } = { ...soundState().userFlow };
    const { attributes: _attributes, ...page } = { ...onAttributeCollection };
    const start = { isSignUpAllowed: true };
    const shown = { ...flow, id: 'flow', onAttributeCollection: page, onInteractiveAuthFlowStart: start };
    expect(said({ ...soundState(), userFlow: shown }, 'user-flow')).toMatch(/^leave: /);
  });
});
