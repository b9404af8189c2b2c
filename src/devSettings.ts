import { z } from 'zod';
import { type Environment, parseSettings, wholeNumber } from './runtime/settings.ts';

/** The ports of the three programs. `PORT` is the web app's. */
const devPorts = z.object({
  PORT: wholeNumber(1, 65535).default(3000),
  API_PORT: wholeNumber(1, 65535).default(3001),
  TENANT_PORT: wholeNumber(1, 65535).default(3002),
});

/** A program to start, with its whole environment. */
export interface Program {
  readonly name: 'tenant' | 'api' | 'web';
  readonly port: number;
  /** The setting for another port. */
  readonly portSetting: keyof z.output<typeof devPorts>;
  /** Answers 200 once the program is ready. */
  readonly readyPath: string;
  readonly environment: Environment;
}

export interface DevPlan {
  /** In the order of their start. */
  readonly programs: readonly Program[];
  /** Printed when everything is ready. */
  readonly welcome: string;
}

/** Reads what the local tenant has registered for the web app at a redirect URI. */
export type ReadLocalTenant = (tenantPort: number, redirectUri: string) => Promise<LocalTenant>;

interface LocalTenant {
  /** The settings of the web app and the API for this tenant. */
  readonly settings: Environment;
  /** Customers with their passwords, one line each. */
  readonly signIns: readonly string[];
}

/**
 * Decides what to start. With TENANT_SUBDOMAIN or CLIENT_ID: the API and the web app on that tenant. They report what
 * else is missing. Otherwise: the local tenant as well, with settings that fit it.
 * @throws {SettingsError} when a port is not one, or the local tenant cannot serve the web app
 */
export async function planDev(given: Environment, readLocalTenant: ReadLocalTenant): Promise<DevPlan> {
  const ports = parseSettings(devPorts, given);
  const isOwnTenant = Boolean(given.TENANT_SUBDOMAIN?.trim() || given.CLIENT_ID?.trim());
  const base = { ...given, NODE_ENV: 'development' };
  if (isOwnTenant) return planOwnTenant(base, ports);
  const redirectUri = `http://localhost:${ports.PORT}/auth/redirect`;
  return planLocalTenant(base, ports, await readLocalTenant(ports.TENANT_PORT, redirectUri));
}

type Ports = z.output<typeof devPorts>;

function planOwnTenant(given: Environment, ports: Ports): DevPlan {
  const settings = withDefaults(given, { BASE_URL: `http://localhost:${ports.PORT}` });
  const welcome = [
    `  Ready. The web app and the to-do API use your tenant ${given.TENANT_SUBDOMAIN}, which your settings name.`,
    '',
    `  Open      ${settings.BASE_URL}`,
    `  Register  ${settings.BASE_URL}/auth/redirect as a redirect URI of the web app, if it is not yet`,
    '  Stop      Ctrl-C',
  ].join('\n');
  return { programs: clients(settings, ports), welcome };
}

function planLocalTenant(given: Environment, ports: Ports, local: LocalTenant): DevPlan {
  const settings = {
    ...given,
    ...local.settings,
    BASE_URL: `http://localhost:${ports.PORT}`,
    TODO_API_URL: `http://localhost:${ports.API_PORT}`,
    // Empty, not absent, so that the programs do not read a value from `.env`.
    TENANT_DOMAIN: '',
    CLIENT_CERTIFICATE_PATH: '',
    KEY_VAULT_URL: '',
    CERTIFICATE_NAME: '',
  };
  const welcome = [
    '  Ready. The web app, the to-do API and the local tenant run on this machine.',
    '',
    `  Open      ${settings.BASE_URL}`,
    ...local.signIns.map((signIn) => `  Sign in   as ${signIn}`),
    `  Or        create an account and read the code at http://localhost:${ports.TENANT_PORT}/inbox`,
    '  Terminal  in another one: npm run headless -- sign-in',
    '  Stop      Ctrl-C',
  ].join('\n');
  return { programs: [tenantProgram(settings, ports), ...clients(settings, ports)], welcome };
}

function tenantProgram(settings: Environment, { TENANT_PORT }: Ports): Program {
  return {
    name: 'tenant',
    port: TENANT_PORT,
    portSetting: 'TENANT_PORT',
    readyPath: '/livez',
    environment: { ...settings, PORT: String(TENANT_PORT), BASE_URL: `http://localhost:${TENANT_PORT}` },
  };
}

function clients(given: Environment, { PORT, API_PORT }: Ports): Program[] {
  const settings = withDefaults(given, {
    TODO_API_URL: `http://localhost:${API_PORT}`,
    SESSION_SECRET: 'local-development-only-and-refused-in-production',
  });
  return [
    {
      name: 'api',
      port: API_PORT,
      portSetting: 'API_PORT',
      readyPath: '/readyz',
      environment: { ...settings, PORT: String(API_PORT) },
    },
    {
      name: 'web',
      port: PORT,
      portSetting: 'PORT',
      readyPath: '/readyz',
      environment: { ...settings, PORT: String(PORT) },
    },
  ];
}

/** The local tenant shares no code with us, so it has a class of the same name. */
export function isSettingsError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'SettingsError';
}

/** An empty variable counts as missing. */
function withDefaults(given: Environment, defaults: Environment): Environment {
  const missing = Object.entries(defaults).filter(([name]) => !given[name]?.trim());
  return { ...given, ...Object.fromEntries(missing) };
}
