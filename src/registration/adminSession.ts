import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AdministeredTenant, signInAdministrator } from '../entra/terminal/administrator.ts';
import { CommandError, NotDone, UsageError } from '../entra/terminal/CommandError.ts';
import type { Output } from '../entra/terminal/Output.ts';
import type { HttpClient } from '../runtime/httpClient.ts';
import type { Environment } from '../runtime/settings.ts';
import { givenToken, type RegistrationConfig, readRegistrationConfig } from './config.ts';
import type { EnvFile } from './EnvFile.ts';
import { GraphClient } from './GraphClient.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { type GraphReader, readTenant } from './read.ts';
import type { CommandOptions } from './readArguments.ts';

/** The permissions of Microsoft Graph that configure and cleanup need. @see https://learn.microsoft.com/graph/permissions-reference */
export const registrationPermissions: readonly string[] = [
  'Application.ReadWrite.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'EventListener.ReadWrite.All',
  'Organization.Read.All',
];

const sampleManifest = join(import.meta.dirname, '../../AppCreationScripts/sample.json');

/** What a command uses of this machine. */
export interface Dependencies {
  readonly environment: Environment;
  readonly envFile: EnvFile;
  /** For certificates and createdApps.html. */
  readonly folder: string;
  readonly http: HttpClient;
  readonly output: Output;
  /** Asks for confirmation; undefined without a terminal. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  readonly openBrowser: (url: string) => void;
  readonly signal: AbortSignal;
}

/** A tenant in which an administrator is signed in. */
export interface AdminSession {
  readonly graph: GraphClient;
  readonly manifest: Manifest;
  readonly config: RegistrationConfig;
  /** The settings in `.env`. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Reads the settings and the manifest, and signs the administrator in.
 * @param permissions the permissions of Microsoft Graph that the command needs
 * @throws {CommandError} saying what to do
 * @throws {SettingsError}
 */
export async function openAdminSession(
  options: CommandOptions,
  permissions: readonly string[],
  dependencies: Dependencies,
): Promise<AdminSession> {
  const { environment, envFile, http, signal } = dependencies;
  if (!options.isConfirmed && !options.isDryRun && !dependencies.ask) {
    throw new UsageError('There is no terminal to ask for confirmation. Use --yes, or --dry-run to see the plan.');
  }
  const settings = await envFile.read();
  const config = readRegistrationConfig({ ...settings, ...environment }, options);
  const text = await readFile(options.manifestPath ?? sampleManifest, 'utf8').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : 'failed';
    throw new UsageError(`The manifest cannot be read: ${reason}`, { cause });
  });
  const baseUrl = options.baseUrl ?? (settings.BASE_URL?.trim() || undefined);
  const manifest = readManifest(text, { ...options, baseUrl });
  const token = (await givenToken(config, http)) ?? (await signIn(options, config, permissions, dependencies));
  const graph = new GraphClient({
    baseUrl: config.graphUrl,
    http,
    accessToken: async () => {
      // An interrupt takes effect between two requests, so that no request is cut off.
      signal.throwIfAborted();
      return token;
    },
  });
  await assertTenant(graph, config.tenant);
  return { graph, manifest, config, settings };
}

/** @throws {NotDone} when the administrator's token opens another tenant than the one that was named */
async function assertTenant(graph: GraphReader, tenant: AdministeredTenant): Promise<void> {
  if (tenant.kind === 'local') return;
  const { id, domains, displayName } = await readTenant(graph);
  const name = tenant.name.toLowerCase();
  if (id === name || domains.includes(name)) return;
  const opened = `${displayName} (${id}, ${domains.join(', ')})`;
  throw new NotDone(`You named the tenant ${name}, but the administrator belongs to ${opened}. Nothing was changed.`);
}

async function signIn(
  { way }: CommandOptions,
  { tenant }: RegistrationConfig,
  permissions: readonly string[],
  { http, signal, output, openBrowser }: Dependencies,
): Promise<string> {
  output.message('Sign in as an administrator of the tenant.');
  return await signInAdministrator(way, {
    tenant,
    permissions,
    http,
    signal,
    openBrowser: (url) => {
      output.result({ signInUrl: url }, `If no browser opens, open: ${url}`);
      openBrowser(url);
    },
    showCode: (userCode, page) => output.result({ userCode, page }, `Open ${page} and enter the code ${userCode}`),
  });
}

/** The administrator said no; nothing was changed. */
class NotConfirmed extends CommandError {
  override readonly name = 'NotConfirmed';
  readonly exitCode = 3;
}

/** @throws {NotConfirmed} */
export async function confirm({ isConfirmed }: CommandOptions, { ask }: Dependencies): Promise<void> {
  if (isConfirmed || (await ask?.('Continue? [y/N] '))) return;
  throw new NotConfirmed('Not confirmed: nothing was changed.');
}
