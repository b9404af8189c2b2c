import { confirm, type Dependencies, openSession, registrationPermissions } from './adminSession.ts';
import { apply } from './apply.ts';
import type { SharedOptions } from './commandLine.ts';
import type { EnvChanges } from './EnvFile.ts';
import { planCleanup } from './plan.ts';
import { readTenantState, type TenantState } from './read.ts';
import { verifyCleanup } from './verify.ts';

/**
 * Removes from the tenant what configure made, and its values in `.env`.
 * @param purge whether from the deleted items as well, where Entra keeps applications for 30 days
 */
export async function cleanup(
  options: SharedOptions,
  { isPurge: purge }: { readonly isPurge: boolean },
  dependencies: Dependencies,
): Promise<void> {
  const { output, envFile } = dependencies;
  const { graph, manifest, settings } = await openSession(options, {}, registrationPermissions, dependencies);
  const state = await readTenantState(graph, manifest);
  output.message(`Tenant ${state.tenant.displayName} (${state.tenant.id})`);
  const steps = planCleanup(manifest, state, { purge });
  const values = ownValues(settings, state);
  output.plan(steps);
  const names = Object.keys(values);
  if (names.length > 0) output.event({ env: names }, `- remove  values in .env: ${names.join(', ')}`);
  if (options.isDryRun) return;
  const work = steps.filter(({ kind }) => kind !== 'leave');
  if (work.length + names.length === 0) {
    output.event({ result: 'nothing to do' }, 'Nothing to do.');
    return;
  }
  await confirm(options, dependencies);
  const context = { graph, manifest, options: { credential: 'keep' }, saveSecret: async () => {} } as const;
  for (const step of work) {
    await apply(step, context);
    output.event({ done: step.id }, `done: ${step.what}`);
  }
  await verifyCleanup(graph, manifest, { purge });
  await envFile.change(values);
  output.event({ result: 'done' }, 'Done.');
  if (settings.CLIENT_CERTIFICATE_PATH && 'CLIENT_CERTIFICATE_PATH' in values) {
    output.message(`The private key in ${settings.CLIENT_CERTIFICATE_PATH} serves nothing any more: delete the file.`);
  }
}

/** The values in `.env` that name what is removed; a developer's own stay. */
function ownValues(settings: Readonly<Record<string, string>>, state: TenantState): EnvChanges {
  const ids = [state.api, state.web, state.headless].flatMap((app) => (app ? [app.application.appId] : []));
  const ours = new Set([...ids, ...state.deleted.map(({ appId }) => appId)]);
  const names = ['CLIENT_ID', 'TODO_API_CLIENT_ID', 'HEADLESS_CLIENT_ID'].filter((name) =>
    ours.has(settings[name]?.trim() ?? ''),
  );
  if (settings.ALLOWED_CLIENT_IDS?.split(',').some((id) => ours.has(id.trim()))) names.push('ALLOWED_CLIENT_IDS');
  if (names.includes('CLIENT_ID')) {
    names.push('CLIENT_SECRET', 'CLIENT_CERTIFICATE_PATH');
    if (settings.TENANT_ID?.trim() === state.tenant.id) names.push('TENANT_SUBDOMAIN', 'TENANT_ID', 'METADATA_URL');
  }
  return Object.fromEntries(names.filter((name) => settings[name]).map((name) => [name, undefined]));
}
