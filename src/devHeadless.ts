import { readTenantConfig, readTenantFacts } from 'entra-local-tenant';
import { isSettingsError, planDev } from './devSettings.ts';
import { loadEnvFile } from './runtime/envFile.ts';

// `npm run headless` loads this before src/headless/main.ts. If no tenant is set, the app gets the settings that
// `npm run dev`, in another terminal, gives its programs.
try {
  loadEnvFile(process.env);
  const { TENANT_SUBDOMAIN, CLIENT_ID, HEADLESS_CLIENT_ID, TENANT_FILE } = process.env;
  if (![TENANT_SUBDOMAIN, CLIENT_ID, HEADLESS_CLIENT_ID].some((setting) => setting?.trim())) {
    const { programs } = await planDev(process.env, (port, redirectUri) =>
      readTenantFacts(readTenantConfig({ PORT: String(port), TENANT_FILE }), redirectUri),
    );
    Object.assign(process.env, programs.find(({ name }) => name === 'web')?.environment);
  }
} catch (error) {
  if (!isSettingsError(error)) throw error;
  console.error(error.message);
  process.exit(1);
}
