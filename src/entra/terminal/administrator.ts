import { execFile } from 'node:child_process';
import { platform } from 'node:os';
import { promisify } from 'node:util';
import { type AuthenticationResult, ServerError } from '@azure/msal-node';
import { z } from 'zod';
import type { HttpClient } from '../../runtime/httpClient.ts';
import { type TenantSettings, tenantAuthority } from '../authority.ts';
import { fetchMetadata, msalAuthorityOf, TenantUnavailable } from '../MetadataSource.ts';
import { msalFailure } from '../msalFailure.ts';
import { createMsalNetwork } from '../msalNetwork.ts';
import { CommandError, exitCodes } from './CommandError.ts';
import { createDeviceNetwork } from './deviceNetwork.ts';
import { listenForBrowser } from './loopbackListener.ts';
import { createPublicClient } from './publicClient.ts';
import { systemClock, untilAborted, type WaitingClock } from './waiting.ts';

/** No administrator signed in, or the tenant refused them. */
export class AdministratorNotSignedIn extends CommandError {
  override readonly name = 'AdministratorNotSignedIn';
  readonly exitCode = exitCodes.notDone;
}

/** The tenant to administer: the local one by its discovery document, a real one by its GUID or one of its domains. */
export type AdministeredTenant =
  | { readonly kind: 'local'; readonly settings: TenantSettings }
  | { readonly kind: 'real'; readonly name: string };

/** `azureCli`: the session of `az login`. */
export type AdministratorWay = 'browser' | 'deviceCode' | 'azureCli';

export interface AdministratorOptions {
  readonly tenant: AdministeredTenant;
  /** Permissions of Microsoft Graph, such as `Application.ReadWrite.All`. */
  readonly permissions: readonly string[];
  readonly http: HttpClient;
  /** Stops the wait at once; the promise rejects with its reason. */
  readonly signal: AbortSignal;
  /** Opens the sign-in page and shows its address. */
  readonly openBrowser: (url: string) => void;
  /** Shows the code and the page to enter it at. */
  readonly showCode: (userCode: string, page: string) => void;
  /** Default: the system's. */
  readonly clock?: WaitingClock;
}

/**
 * Microsoft Graph Command Line Tools, a public client from Microsoft that every tenant knows. Not yet tried on a real
 * external tenant.
 * @see https://learn.microsoft.com/powershell/microsoftgraph/authentication-commands
 */
const clientId = '14d82eec-204b-4c2f-b7e8-296a70dab67e';
const graph = 'https://graph.microsoft.com';

/**
 * Signs an administrator of the tenant in and returns an access token for Microsoft Graph. It sees no password and stores
 * nothing.
 * @throws {AdministratorNotSignedIn} when nobody signed in, or the tenant refused
 */
export async function signInAdministrator(way: AdministratorWay, options: AdministratorOptions): Promise<string> {
  const { signal, tenant } = options;
  try {
    signal.throwIfAborted();
    if (way === 'azureCli') return await askAzureCli(tenant, signal);
    const result = await untilAborted(signal, signIn(way, options));
    if (!result?.accessToken) throw new AdministratorNotSignedIn('The tenant sent no access token. Try again.');
    return result.accessToken;
  } catch (error) {
    signal.throwIfAborted();
    throw notSignedIn(error);
  }
}

async function signIn(
  way: 'browser' | 'deviceCode',
  { tenant, permissions, http, signal, openBrowser: open, showCode, clock = systemClock }: AdministratorOptions,
): Promise<AuthenticationResult | null> {
  const endpoints = tenant.kind === 'real' ? entraEndpoints(tenant.name) : await localEndpoints(tenant.settings, http);
  const { msalAuthority, tokenEndpoint, devicePage } = endpoints;
  const scopes = permissions.map((name) => `${graph}/${name}`);
  if (way === 'deviceCode') {
    const network = createDeviceNetwork({ http, clock, signal, tokenEndpoint });
    return await createPublicClient(clientId, msalAuthority, network).acquireTokenByDeviceCode({
      scopes,
      deviceCodeCallback: ({ userCode }) => showCode(userCode, devicePage),
    });
  }
  const client = createPublicClient(clientId, msalAuthority, createMsalNetwork(http, tokenEndpoint));
  const expired = () => new AdministratorNotSignedIn('Nobody signed in within 5 minutes. Run the command again.');
  return await listenForBrowser({ http, clock, signal, open, expired }, (stopped, openBrowser) =>
    untilAborted(stopped, client.acquireTokenInteractive({ scopes, prompt: 'select_account', openBrowser })),
  );
}

async function localEndpoints(settings: TenantSettings, http: HttpClient) {
  const devicePage = `${tenantAuthority(settings).origin}/common/oauth2/deviceauth`;
  return { ...(await fetchMetadata(settings, http)), devicePage };
}

/**
 * Administrators do not sign in at ciamlogin.com, which is for customers. These addresses are fixed; MSAL gets them as
 * metadata, so that it fetches none.
 * @see https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 */
function entraEndpoints(tenant: string) {
  const host = 'login.microsoftonline.com';
  const authority = `https://${host}/${tenant}`;
  const tokenEndpoint = `${authority}/oauth2/v2.0/token`;
  const document = {
    issuer: `${authority}/v2.0`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: tokenEndpoint,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
    end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
  };
  const devicePage = 'https://microsoft.com/devicelogin';
  return { msalAuthority: msalAuthorityOf(host, tenant, document), tokenEndpoint, devicePage };
}

const cliAnswer = z.object({ accessToken: z.string().min(1) });

/** @see https://learn.microsoft.com/cli/azure/account#az-account-get-access-token */
async function askAzureCli(tenant: AdministeredTenant, signal: AbortSignal): Promise<string> {
  if (tenant.kind === 'local') throw new AdministratorNotSignedIn('The Azure CLI cannot sign in to the local tenant.');
  // On Windows `az` is a script that needs a shell, which must not read the tenant's name as a command.
  if (!/^[a-z0-9][a-z0-9.-]*$/i.test(tenant.name))
    throw new AdministratorNotSignedIn('This is not a tenant ID or a domain.');
  const args = ['account', 'get-access-token', '--resource', graph, '--tenant', tenant.name, '--output', 'json'];
  try {
    const { stdout } = await promisify(execFile)('az', args, { shell: platform() === 'win32', signal });
    return cliAnswer.parse(JSON.parse(stdout)).accessToken;
  } catch (cause) {
    const command = `az login --tenant ${tenant.name} --allow-no-subscriptions`;
    throw new AdministratorNotSignedIn(`The Azure CLI has no token for this tenant. Run: ${command}`, { cause });
  }
}

function notSignedIn(cause: unknown): AdministratorNotSignedIn {
  if (cause instanceof AdministratorNotSignedIn) return cause;
  if (cause instanceof TenantUnavailable) {
    return new AdministratorNotSignedIn(`The tenant cannot be reached: ${cause.message}`, { cause });
  }
  const reasons: Readonly<Record<string, string>> = {
    expired_token: 'The code was not used in time. Run the command again.',
    authorization_declined: "The sign-in was cancelled on the tenant's page.",
    access_denied: "The sign-in was cancelled on the tenant's page, or consent was refused.",
  };
  const reason = cause instanceof ServerError ? reasons[cause.errorCode] : undefined;
  if (reason) return new AdministratorNotSignedIn(reason, { cause });
  const { kind, summary } = msalFailure(cause);
  if (kind === 'unavailable') {
    return new AdministratorNotSignedIn(`The tenant cannot be reached (${summary}).`, { cause });
  }
  const advice = 'Sign in as an administrator of this tenant who may consent to these permissions.';
  return new AdministratorNotSignedIn(`The tenant refused the sign-in (${summary}). ${advice}`, { cause });
}
