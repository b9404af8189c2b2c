import { join } from 'node:path';
import { signInAdministrator } from '../entra/terminal/administrator.ts';
import type { HttpClient } from '../runtime/httpClient.ts';
import type { Environment } from '../runtime/settings.ts';
import { graphUrlOf } from './clouds.ts';
import type { SharedOptions } from './commandLine.ts';
import { type RegistrationConfig, readRegistrationConfig } from './config.ts';
import type { EnvFile } from './EnvFile.ts';
import { NotConfirmed, UsageError } from './errors.ts';
import { GraphClient } from './GraphClient.ts';
import { type Manifest, type ManifestChanges, readManifest } from './manifest.ts';
import type { Output } from './Output.ts';

/** Of Microsoft Graph, to read and write all that the manifest names. @see https://learn.microsoft.com/graph/permissions-reference */
export const registrationPermissions: readonly string[] = [
  'Application.ReadWrite.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'EventListener.ReadWrite.All',
  'Organization.Read.All',
];

/** What a command meets of this machine. */
export interface Dependencies {
  readonly environment: Environment;
  readonly envFile: EnvFile;
  /** Where certificates and the summary go. */
  readonly folder: string;
  readonly manifestPath: string;
  readonly readText: (path: string) => Promise<string>;
  readonly http: HttpClient;
  readonly output: Output;
  /** Asks a person for a yes; undefined when nobody is there to ask. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
  readonly openBrowser: (url: string) => void;
  readonly signal: AbortSignal;
}

/** A tenant in which an administrator is signed in. */
export interface Session {
  readonly graph: GraphClient;
  readonly manifest: Manifest;
  readonly config: RegistrationConfig;
  /** What `.env` holds. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Reads what to do, and signs the administrator in.
 * @param permissions what of Microsoft Graph is needed
 */
export async function openSession(
  options: SharedOptions,
  changes: ManifestChanges,
  permissions: readonly string[],
  dependencies: Dependencies,
): Promise<Session> {
  const { environment, envFile, readText, manifestPath } = dependencies;
  const graphUrl = graphUrlOf(options.environment ?? 'AzureCloud');
  if (!options.isConfirmed && !options.isDryRun && !dependencies.confirm) {
    throw new UsageError('Nobody is here to confirm: there is no terminal. Say --yes, or --dry-run to see the plan.');
  }
  const settings = await envFile.read();
  const config = readRegistrationConfig({ ...settings, ...environment }, options, graphUrl);
  const baseUrl = changes.baseUrl ?? (settings.BASE_URL?.trim() || undefined);
  const text = await readText(options.manifestPath ?? manifestPath).catch((cause: unknown) => {
    throw new UsageError(`The manifest cannot be read: ${cause instanceof Error ? cause.message : 'failed'}`, {
      cause,
    });
  });
  const manifest = readManifest(text, { namePrefix: options.namePrefix, ...changes, baseUrl });
  const token = config.graphToken ?? (await signIn(options, config, permissions, dependencies));
  const graph = new GraphClient({
    ...{ baseUrl: config.graphUrl, http: dependencies.http },
    accessToken: async () => {
      // Between two requests, so that what was begun is done.
      dependencies.signal.throwIfAborted();
      return token;
    },
  });
  return { graph, manifest, config, settings };
}

async function signIn(
  { way }: SharedOptions,
  { tenant }: RegistrationConfig,
  permissions: readonly string[],
  { http, signal, output, openBrowser }: Dependencies,
): Promise<string> {
  output.message('Sign in as an administrator of the tenant.');
  return await signInAdministrator(way, {
    ...{ tenant, permissions, http, signal },
    openBrowser: (url) => {
      output.event({ signInUrl: url }, `If no browser opens, open: ${url}`);
      openBrowser(url);
    },
    showCode: (userCode, page) => output.event({ userCode, page }, `Open ${page} and enter the code ${userCode}`),
  });
}

/** @throws {NotConfirmed} */
export async function confirm(options: SharedOptions, { confirm: ask }: Dependencies): Promise<void> {
  if (options.isConfirmed || (await ask?.('Do this? [y/N] '))) return;
  throw new NotConfirmed('Not confirmed: nothing was changed.');
}

export const certificateFolder = (folder: string) => join(folder, '.certificates');
