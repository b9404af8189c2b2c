import { readFileSync } from 'node:fs';
import { type Application, application, type Grant } from '../../src/registration/graphSchemas.ts';
import { type AppName, type Manifest, readManifest, uniqueNameOf } from '../../src/registration/manifest.ts';
import type { RegisteredApp, TenantState } from '../../src/registration/read.ts';
import { wantedApplication, wantedPreAuthorization } from '../../src/registration/wanted.ts';
import { newUserFlow } from '../../src/registration/wantedUserFlow.ts';

const sampleFile = new URL('../../AppCreationScripts/sample.json', import.meta.url);
export const sampleText = readFileSync(sampleFile, 'utf8');
export const sample = readManifest(sampleText);

/** The sample as JSON, for a test to change. */
export function sampleDocument() {
  return JSON.parse(sampleText);
}

const tenant = {
  id: '00001111-aaaa-2222-bbbb-3333cccc4444',
  subdomain: 'contoso',
  domains: ['contoso.onmicrosoft.com'],
  displayName: 'Contoso',
};
export const emptyState: TenantState = {
  tenant: { ...tenant, tenantType: 'CIAM' },
  graphId: 'graph-sp',
  userFlow: undefined,
  deleted: [],
  api: undefined,
  web: undefined,
  headless: undefined,
};

export const appIds = { api: 'api-client', web: 'web-client', headless: 'headless-client' } as const;

/** A tenant with exactly what a manifest describes, without a credential. */
export function soundState(manifest: Manifest = sample): TenantState {
  const userFlow = { ...newUserFlow(manifest), id: 'flow', ...described(manifest) };
  const app = (name: AppName): RegisteredApp => ({
    application: registered(manifest, name),
    servicePrincipal: { id: `${name}-sp`, appId: appIds[name] },
    ...(name === 'api' ? { grants: [], userFlow: undefined } : { grants: grantsOf(manifest, name), userFlow }),
  });
  return { ...emptyState, api: app('api'), web: app('web'), headless: app('headless'), userFlow };
}

function described({ namePrefix, userFlow }: Manifest) {
  return { displayName: userFlow.displayName, description: `Whatever. made-by:${namePrefix}` };
}

function registered(manifest: Manifest, name: AppName): Application {
  const wanted = wantedApplication(manifest, name, appIds.api);
  const preAuthorization = wantedPreAuthorization(manifest, [appIds.web, appIds.headless]);
  return application.parse({
    ...wanted,
    ...(name === 'api' && {
      identifierUris: [`api://${appIds.api}`],
      api: { ...Object(wanted.api), ...Object(preAuthorization.api) },
    }),
    id: `${name}-object`,
    appId: appIds[name],
    uniqueName: uniqueNameOf(manifest, name),
  });
}

function grantsOf(manifest: Manifest, name: AppName): Grant[] {
  const common = { clientId: `${name}-sp`, consentType: 'AllPrincipals' };
  const scopes = manifest.api.scopes.map(({ value }) => value).join(' ');
  return [
    { ...common, id: `${name}-1`, resourceId: 'graph-sp', scope: 'openid offline_access profile' },
    { ...common, id: `${name}-2`, resourceId: 'api-sp', scope: scopes },
  ];
}

/** A state with one application's properties changed. */
export function withApp(state: TenantState, name: AppName, changes: Partial<Record<string, unknown>>): TenantState {
  const app = state[name];
  if (!app) throw new Error(`the state has no ${name}`);
  return { ...state, [name]: { ...app, application: application.parse({ ...app.application, ...changes }) } };
}
