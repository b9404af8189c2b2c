import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  certificateFolder,
  confirm,
  type Dependencies,
  openSession,
  registrationPermissions,
  type Session,
} from './adminSession.ts';
import { type ApplyContext, apply } from './apply.ts';
import { type Certificate, makeCertificate, readCertificate, saveCertificate } from './certificate.ts';
import type { ConfigureOptions } from './commandLine.ts';
import type { EnvChanges } from './EnvFile.ts';
import { NotDone } from './errors.ts';
import { type PlanOptions, plan } from './plan.ts';
import { readTenantState, type TenantState } from './read.ts';
import { summaryPage } from './summary.ts';
import { verify } from './verify.ts';

/** Brings the tenant to what the manifest names, and `.env` to the tenant. */
export async function configure(options: ConfigureOptions, dependencies: Dependencies): Promise<void> {
  const { output, envFile, folder } = dependencies;
  const changes = { baseUrl: options.baseUrl, signInMethod: options.signInMethod };
  const session = await openSession(options, changes, registrationPermissions, dependencies);
  const state = await readTenantState(session.graph, session.manifest);
  output.message(`Tenant ${state.tenant.displayName} (${state.tenant.id})`);
  const certificate = await chooseCertificate(options, session, folder);
  const planOptions = planOptionsOf(options, session, certificate);
  const steps = plan(session.manifest, state, planOptions);
  output.plan(steps);
  const work = steps.filter(({ kind }) => kind !== 'leave');
  if (options.isDryRun) return;
  if (work.length > 0) await confirm(options, dependencies);
  // Before Graph has its public half: were this run stopped then, the next would find the same certificate.
  if (certificate) await keepCertificate(certificate, dependencies);
  let { secret } = planOptions;
  const context: ApplyContext = {
    ...{ graph: session.graph, manifest: session.manifest, options: planOptions },
    saveSecret: async ({ value }) => {
      await envFile.change({ CLIENT_SECRET: value, CLIENT_CERTIFICATE_PATH: undefined });
      secret = value;
    },
  };
  for (const step of work) {
    await apply(step, context);
    output.event({ done: step.id }, `done: ${step.what}`);
  }
  const after = work.length > 0 ? await verify(session.graph, session.manifest, { ...planOptions, secret }) : state;
  await finish(session, after, dependencies, work.length);
}

async function finish(
  session: Session,
  state: TenantState,
  { envFile, output, folder }: Dependencies,
  changed: number,
): Promise<void> {
  await envFile.change(settingsOf(session, state));
  if (session.settings.API_CLIENT_ID) {
    output.message('Cleared API_CLIENT_ID in .env: TODO_API_CLIENT_ID replaces it.');
  }
  const { manifest } = session;
  const summary = join(folder, 'createdApps.html');
  await writeFile(summary, summaryPage({ ...summaryOf(session, state), userFlow: manifest.userFlow.displayName }));
  const next = 'npm run dev';
  output.event(
    { result: changed > 0 ? 'done' : 'nothing to do', summary, next },
    changed > 0 ? 'Done.' : 'Nothing to do.',
  );
  output.message(`.env has the values; ${summary} shows them. Next: ${next}`);
}

function summaryOf({ config }: Session, state: TenantState) {
  const { api, web, headless } = idsOf(state);
  return {
    tenant: state.tenant,
    isLocal: config.tenant.kind === 'local',
    apps: [
      { ...api, settings: ['TODO_API_CLIENT_ID'] },
      { ...web, settings: ['CLIENT_ID'] },
      { ...headless, settings: ['HEADLESS_CLIENT_ID'] },
    ],
  };
}

/** What `.env` holds of the registrations. */
export function settingsOf({ config, manifest, settings }: Session, state: TenantState): EnvChanges {
  const { api, web, headless } = idsOf(state);
  const { tenant } = config;
  return {
    TENANT_SUBDOMAIN: state.tenant.subdomain,
    TENANT_ID: state.tenant.id,
    METADATA_URL: tenant.kind === 'local' ? tenant.settings.metadataUrl : undefined,
    CLIENT_ID: web.clientId,
    // The name that TODO_API_CLIENT_ID had for the API alone.
    API_CLIENT_ID: undefined,
    TODO_API_CLIENT_ID: api.clientId,
    ALLOWED_CLIENT_IDS: `${web.clientId},${headless.clientId}`,
    HEADLESS_CLIENT_ID: headless.clientId,
    BASE_URL: manifest.web.baseUrl,
    SESSION_SECRET: settings.SESSION_SECRET?.trim() || randomBytes(32).toString('base64url'),
  };
}

function idsOf(state: TenantState) {
  const idOf = (name: 'api' | 'web' | 'headless') => {
    const application = state[name]?.application;
    if (!application) throw new NotDone('Graph does not show all that was made yet. Run it again in a minute.');
    return { clientId: application.appId, displayName: application.displayName };
  };
  return { api: idOf('api'), web: idOf('web'), headless: idOf('headless') };
}

async function chooseCertificate(
  { credential }: ConfigureOptions,
  { settings, manifest }: Session,
  folder: string,
): Promise<Certificate | undefined> {
  const path = settings.CLIENT_CERTIFICATE_PATH?.trim();
  if (credential === 'secret' || (credential === undefined && !path)) return undefined;
  const current = path ? await readCertificate(path) : undefined;
  return current ?? (await makeCertificate(certificateFolder(folder), `${manifest.namePrefix}-web`));
}

function planOptionsOf(
  { credential }: ConfigureOptions,
  { settings }: Session,
  certificate?: Certificate,
): PlanOptions {
  if (certificate) return { credential: 'certificate', certificate: certificate.pem };
  // Its certificate is the vault's to make and the operator's to register.
  if (credential === undefined && settings.KEY_VAULT_URL?.trim()) return { credential: 'keep' };
  return { credential: 'secret', secret: settings.CLIENT_SECRET?.trim() || undefined };
}

async function keepCertificate(certificate: Certificate, { envFile }: Dependencies): Promise<void> {
  await saveCertificate(certificate);
  await envFile.change({ CLIENT_CERTIFICATE_PATH: certificate.path, CLIENT_SECRET: undefined });
}
