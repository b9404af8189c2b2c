import { GraphError } from '../../registration/GraphClient.ts';
import { graphAppId } from '../../registration/graphSchemas.ts';
import { type GraphReader, readServicePrincipal, readTenant } from '../../registration/read.ts';
import { type CheckContext, tenantOf } from '../checkContext.ts';
import { readApp } from '../directory.ts';
import { type Finding, fail, ok, unchecked } from '../finding.ts';
import {
  judgeApi,
  judgeConsent,
  judgeHeadless,
  judgeSecret,
  judgeUserFlow,
  judgeWebAddresses,
} from './directoryApps.ts';

/** How the apps are registered, which only an administrator can see. */
export async function checkDirectory(context: CheckContext): Promise<Finding[]> {
  const { graph } = context;
  if (!graph) {
    const names = ['tenant type', 'registered addresses', 'secret expiry', 'consent', 'user flow', 'API scopes'];
    return names.map((name) => unchecked(name, 'only an administrator can tell', 'npm run doctor -- --administrator'));
  }
  try {
    const tenant = await readTenant(graph);
    const settings = tenantOf(context);
    if (settings?.tenantId && settings.tenantId !== tenant.id) {
      const cause = `the administrator belongs to the tenant ${tenant.id}, not ${settings.tenantId}`;
      return [fail('administrator', cause, 'sign in to the tenant in the settings, or correct TENANT_ID')];
    }
    const groups = [checkWeb(context, graph), checkApi(context, graph), checkHeadless(context, graph)];
    return [judgeTenantType(tenant.tenantType), ...(await Promise.all(groups)).flat()];
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    return [fail('administrator', error.message, 'sign in as an administrator who may read app registrations')];
  }
}

function judgeTenantType(type: string | null | undefined): Finding {
  const name = 'tenant type';
  if (!type) return unchecked(name, 'Graph does not say');
  if (type === 'CIAM') return ok(name, 'external');
  const cause = `${type}: a tenant for employees, in which customers cannot sign up`;
  return fail(name, cause, 'create an external tenant, and register the apps there');
}

async function checkWeb({ web, now }: CheckContext, graph: GraphReader): Promise<Finding[]> {
  if (!web) return [];
  const [app, resources] = await Promise.all([readApp(graph, web.clientId), readResources(graph, web.todoApiClientId)]);
  if (!app) return [unknownApp('registered addresses', 'CLIENT_ID')];
  return [
    judgeWebAddresses(app.application, web.baseUrl),
    // checkCredential reads a certificate's expiry from the certificate.
    ...(web.credential.kind === 'secret' ? [judgeSecret(app.application, web.credential.secret, now())] : []),
    judgeConsent('consent', app, resources),
    judgeUserFlow('user flow', app),
  ];
}

async function checkHeadless({ headless }: CheckContext, graph: GraphReader): Promise<Finding[]> {
  if (!headless) return [];
  const { clientId, todoApiClientId } = headless;
  const [app, resources] = await Promise.all([readApp(graph, clientId), readResources(graph, todoApiClientId)]);
  if (!app) return [unknownApp('headless registration', 'HEADLESS_CLIENT_ID')];
  return [
    judgeHeadless(app.application),
    judgeConsent('headless consent', app, resources),
    judgeUserFlow('headless user flow', app),
  ];
}

async function checkApi({ web, api, headless }: CheckContext, graph: GraphReader): Promise<Finding[]> {
  const clientId = api?.clientId ?? (web ?? headless)?.todoApiClientId;
  if (!clientId) return [];
  const app = await readApp(graph, clientId);
  return app ? judgeApi(app, clientId) : [unknownApp('API scopes', 'TODO_API_CLIENT_ID')];
}

async function readResources(graph: GraphReader, todoApiClientId: string) {
  const ids = [todoApiClientId, graphAppId];
  const [api, microsoftGraph] = await Promise.all(ids.map((appId) => readServicePrincipal(graph, appId)));
  return { apiId: api?.id, graphId: microsoftGraph?.id };
}

function unknownApp(name: string, setting: string): Finding {
  return fail(name, `the tenant has no registration with the id in ${setting}`, `correct ${setting}, or the tenant`);
}
