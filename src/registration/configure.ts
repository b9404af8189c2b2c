import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ejs from 'ejs';
import { NotDone } from '../entra/terminal/CommandError.ts';
import {
  type AdminSession,
  confirm,
  type Dependencies,
  openAdminSession,
  registrationPermissions,
} from './adminSession.ts';
import { type CertificateFile, makeCertificate, readCertificate, saveCertificate } from './certificateFile.ts';
import type { EnvChanges } from './EnvFile.ts';
import type { AppName } from './manifest.ts';
import { pending, plan } from './plan.ts';
import { readTenantState, type TenantState } from './read.ts';
import type { CommandOptions } from './readArguments.ts';
import { runPlan, showPlan } from './runPlan.ts';
import type { PlanOptions } from './step.ts';

export const summaryTemplate = join(import.meta.dirname, '../../AppCreationScripts/createdApps.ejs');

/** Registers in the tenant what the manifest describes, and writes the settings to `.env`. */
export async function configure(options: CommandOptions, dependencies: Dependencies): Promise<void> {
  const { output, envFile, folder } = dependencies;
  const session = await openAdminSession(options, registrationPermissions, dependencies);
  const { graph, manifest } = session;
  const before = await readTenantState(graph, manifest);
  output.message(`Tenant ${before.tenant.displayName} (${before.tenant.id})`);
  const certificate = await chooseCertificate(options, session, folder);
  let planOptions = planOptionsOf(options, session, certificate);
  const judge = (state: TenantState) => plan(manifest, state, planOptions);
  const steps = judge(before);
  showPlan(steps, output);
  if (options.isDryRun) return;
  const work = pending(steps);
  if (work.length > 0) await confirm(options, dependencies);
  // Before Graph gets the public half, so that a run after an interrupt finds the same certificate.
  if (certificate) {
    await saveCertificate(certificate);
    await envFile.change({ CLIENT_CERTIFICATE_PATH: certificate.path, CLIENT_SECRET: undefined });
  }
  const saveSecret = async (secret: string) => {
    await envFile.change({ CLIENT_SECRET: secret, CLIENT_CERTIFICATE_PATH: undefined });
    planOptions = { credential: 'secret', secret };
  };
  const after = await runPlan(work, { graph, manifest, judge, output, saveSecret });
  await writeResults(session, after, dependencies, work.length > 0 ? 'done' : 'nothing to do');
}

async function writeResults(
  session: AdminSession,
  state: TenantState,
  { envFile, output, folder }: Dependencies,
  result: 'done' | 'nothing to do',
): Promise<void> {
  const { config, manifest, settings } = session;
  await envFile.change(settingsOf(session, state));
  if (settings.API_CLIENT_ID) output.message('Cleared API_CLIENT_ID in .env: TODO_API_CLIENT_ID replaces it.');
  const summary = join(folder, 'createdApps.html');
  // As Microsoft's script does. The page contains no secret.
  const page = await ejs.renderFile(summaryTemplate, {
    tenant: state.tenant,
    isLocal: config.tenant.kind === 'local',
    apps: [
      { ...registered(state, 'api'), setting: 'TODO_API_CLIENT_ID' },
      { ...registered(state, 'web'), setting: 'CLIENT_ID' },
      { ...registered(state, 'headless'), setting: 'HEADLESS_CLIENT_ID' },
    ],
    userFlow: manifest.userFlow.displayName,
  });
  await writeFile(summary, page);
  const next = 'npm run dev';
  output.result({ result, summary, next }, result === 'done' ? 'Done.' : 'Nothing to do.');
  output.message(`The settings are in .env, links to the registrations in ${summary}. Next: ${next}`);
}

/** The settings in `.env` that follow from the registrations. */
function settingsOf({ config, manifest, settings }: AdminSession, state: TenantState): EnvChanges {
  const { tenant } = config;
  const webId = registered(state, 'web').clientId;
  const headlessId = registered(state, 'headless').clientId;
  return {
    TENANT_SUBDOMAIN: state.tenant.subdomain,
    TENANT_ID: state.tenant.id,
    METADATA_URL: tenant.kind === 'local' ? tenant.settings.metadataUrl : undefined,
    CLIENT_ID: webId,
    TODO_API_CLIENT_ID: registered(state, 'api').clientId,
    // An older name of TODO_API_CLIENT_ID.
    API_CLIENT_ID: undefined,
    ALLOWED_CLIENT_IDS: `${webId},${headlessId}`,
    HEADLESS_CLIENT_ID: headlessId,
    BASE_URL: manifest.web.baseUrl,
    SESSION_SECRET: settings.SESSION_SECRET?.trim() || randomBytes(32).toString('base64url'),
  };
}

function registered(state: TenantState, name: AppName) {
  const application = state[name]?.application;
  if (!application) throw new NotDone('Graph does not show all registrations yet. Run the command again in a minute.');
  return { clientId: application.appId, displayName: application.displayName };
}

async function chooseCertificate(
  { credential }: CommandOptions,
  { settings, manifest }: AdminSession,
  folder: string,
): Promise<CertificateFile | undefined> {
  const path = settings.CLIENT_CERTIFICATE_PATH?.trim();
  if (credential === 'secret' || (credential === undefined && !path)) return undefined;
  const current = path ? await readCertificate(path) : undefined;
  return current ?? (await makeCertificate(folder, `${manifest.namePrefix}-web`));
}

function planOptionsOf(
  { credential }: CommandOptions,
  { settings }: AdminSession,
  certificate?: CertificateFile,
): PlanOptions {
  if (certificate) return { credential: 'certificate', certificate: certificate.pem };
  // The operator registers the certificate that Key Vault makes.
  if (credential === undefined && settings.KEY_VAULT_URL?.trim()) return { credential: 'keep' };
  return { credential: 'secret', secret: settings.CLIENT_SECRET?.trim() || undefined };
}
