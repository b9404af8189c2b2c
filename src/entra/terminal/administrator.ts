import { execFile } from 'node:child_process';
import { platform } from 'node:os';
import { promisify } from 'node:util';
import { type AuthenticationResult, type INetworkModule, ServerError } from '@azure/msal-node';
import { z } from 'zod';
import type { HttpClient } from '../../runtime/httpClient.ts';
import { type TenantSettings, tenantAuthority } from '../authority.ts';
import { fetchMetadata, type TenantMetadata, TenantUnavailable } from '../MetadataSource.ts';
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

type Endpoints = Pick<TenantMetadata, 'authority' | 'knownAuthority' | 'authorityMetadata' | 'tokenEndpoint'> & {
  readonly devicePage: string;
};

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
    const result = await untilAborted(signal, way === 'browser' ? inBrowser(options) : withDeviceCode(options));
    if (!result?.accessToken) throw new AdministratorNotSignedIn('The tenant sent no access token. Try again.');
    return result.accessToken;
  } catch (error) {
    signal.throwIfAborted();
    throw notSignedIn(error);
  }
}

async function withDeviceCode(options: AdministratorOptions): Promise<AuthenticationResult | null> {
  const { http, signal, clock = systemClock, showCode } = options;
  const endpoints = await endpointsOf(options);
  const network = createDeviceNetwork({ http, clock, signal, tokenEndpoint: endpoints.tokenEndpoint });
  return await clientOf(endpoints, network).acquireTokenByDeviceCode({
    scopes: scopesOf(options),
    deviceCodeCallback: ({ userCode }) => showCode(userCode, endpoints.devicePage),
  });
}

async function inBrowser(options: AdministratorOptions): Promise<AuthenticationResult | null> {
  const { http, signal, clock = systemClock, openBrowser } = options;
  const expired = () => new AdministratorNotSignedIn('Nobody signed in within 5 minutes. Run the command again.');
  const listening = { http, clock, signal, expired, open: openBrowser };
  return await listenForBrowser(listening, async (stopped, open) => {
    const endpoints = await endpointsOf(options);
    const client = clientOf(endpoints, createMsalNetwork(http, endpoints.tokenEndpoint));
    const request = { scopes: scopesOf(options), prompt: 'select_account', openBrowser: open };
    return await untilAborted(stopped, client.acquireTokenInteractive(request));
  });
}

const scopesOf = ({ permissions }: AdministratorOptions) => permissions.map((name) => `${graph}/${name}`);
const clientOf = (endpoints: Endpoints, network: INetworkModule) => createPublicClient(clientId, endpoints, network);

async function endpointsOf({ tenant, http }: AdministratorOptions): Promise<Endpoints> {
  if (tenant.kind === 'real') return entraEndpoints(tenant.name);
  const metadata = await fetchMetadata(tenant.settings, http);
  return { ...metadata, devicePage: `${tenantAuthority(tenant.settings).origin}/common/oauth2/deviceauth` };
}

/**
 * Administrators do not sign in at ciamlogin.com, which is for customers. These addresses are fixed; MSAL gets them as
 * metadata, so that it fetches none.
 * @see https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 */
function entraEndpoints(tenant: string): Endpoints {
  const knownAuthority = 'login.microsoftonline.com';
  const authority = `https://${knownAuthority}/${tenant}`;
  const tokenEndpoint = `${authority}/oauth2/v2.0/token`;
  const authorityMetadata = JSON.stringify({
    issuer: `${authority}/v2.0`,
    authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
    token_endpoint: tokenEndpoint,
    jwks_uri: `${authority}/discovery/v2.0/keys`,
    end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
  });
  return {
    authority,
    knownAuthority,
    authorityMetadata,
    tokenEndpoint,
    devicePage: 'https://microsoft.com/devicelogin',
  };
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
  const { kind, summary } = msalFailure(cause);
  const advice = 'Sign in as an administrator of this tenant who may consent to these permissions.';
  const other =
    kind === 'unavailable'
      ? `The tenant cannot be reached (${summary}).`
      : `The tenant refused the sign-in (${summary}). ${advice}`;
  return new AdministratorNotSignedIn(reason ?? other, { cause });
}
