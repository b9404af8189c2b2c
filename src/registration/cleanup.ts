import { confirm, type Dependencies, openAdminSession, registrationPermissions } from './adminSession.ts';
import type { EnvChanges } from './EnvFile.ts';
import { pending, planCleanup } from './plan.ts';
import { readTenantState, type TenantState } from './read.ts';
import type { CommandOptions } from './readArguments.ts';
import { runPlan, showPlan } from './runPlan.ts';

/** Removes what configure made in the tenant, and clears its values in `.env`. */
export async function cleanup(options: CommandOptions, dependencies: Dependencies): Promise<void> {
  const { output, envFile } = dependencies;
  const { graph, manifest, settings } = await openAdminSession(options, registrationPermissions, dependencies);
  const judge = (state: TenantState) => planCleanup(manifest, state, options);
  const state = await readTenantState(graph, manifest);
  output.message(`Tenant ${state.tenant.displayName} (${state.tenant.id})`);
  const steps = judge(state);
  const values = ownValues(settings, state);
  showPlan(steps, output);
  const names = Object.keys(values);
  if (names.length > 0)
    output.result({ env: names }, { label: '- remove', text: `values in .env: ${names.join(', ')}` });
  if (options.isDryRun) return;
  const work = pending(steps);
  if (work.length + names.length === 0) return output.result({ result: 'nothing to do' }, 'Nothing to do.');
  await confirm(options, dependencies);
  await runPlan(work, { graph, manifest, judge, output, saveSecret: async () => {} });
  await envFile.change(values);
  output.result({ result: 'done' }, 'Done.');
  if (settings.CLIENT_CERTIFICATE_PATH && 'CLIENT_CERTIFICATE_PATH' in values) {
    output.message(`Delete ${settings.CLIENT_CERTIFICATE_PATH}: nothing uses its private key any more.`);
  }
}

/** The values in `.env` that belong to what is removed. A developer's own values stay. */
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
