import { ConfidentialClientApplication, LogLevel } from '@azure/msal-node';
import { createCredentialSource } from '../../entra/credentials/createCredentialSource.ts';
import {
  type ClientCredential,
  CredentialUnavailable,
  CredentialUnusable,
} from '../../entra/credentials/credential.ts';
import type { TenantMetadata } from '../../entra/MetadataSource.ts';
import { createMsalNetwork, TokenEndpointError } from '../../entra/msalNetwork.ts';
import { errorFields } from '../../runtime/logger.ts';
import type { WebConfig } from '../../web/config.ts';
import { aadstsIn, refusal } from '../aadsts.ts';
import type { CheckContext } from '../checkContext.ts';
import { type Finding, fail, ok, unchecked, warn } from '../finding.ts';

const credentialName = 'credential';
const apiName = 'API registration';

/**
 * Whether the web app's credential can be read, and whether the tenant accepts it.
 * @param metadata undefined if the tenant is unavailable
 */
export async function checkCredential({ web, http }: CheckContext, metadata?: TenantMetadata): Promise<Finding[]> {
  if (!web) return [];
  const { findings, credential } = await openCredential(web, http);
  if (!credential || !metadata) return findings;
  return [...findings, ...(await askTenant(web, credential, metadata, http))];
}

/** Opens the credential that the web app would use after its start. */
async function openCredential(web: WebConfig, http: CheckContext['http']) {
  const findings: Finding[] = [];
  const warned = (message: string) => {
    findings.push(warn('certificate', message, 'see docs/6-certificates.md'));
  };
  const source = createCredentialSource(web.credential, {
    http,
    log: { info: () => {}, warn: warned, error: () => {} },
  });
  try {
    await source.start();
    const credential = await source.current();
    return { findings: [ok('credential source', source.name), ...findings], credential };
  } catch (error) {
    return { findings: [notOpened(error)] };
  }
}

function notOpened(error: unknown): Finding {
  if (error instanceof CredentialUnusable) {
    return fail(credentialName, error.message, 'see docs/6-certificates.md');
  }
  if (!(error instanceof CredentialUnavailable)) throw error;
  // The vault admits the app's managed identity, which a developer's machine does not have.
  const { error: message, cause } = errorFields(error);
  return unchecked(credentialName, [message, cause].filter(Boolean).join(': '), 'run the doctor where the app runs');
}

/** Requests app-only tokens: first for the app itself, because a tenant may check the API before the credential. */
async function askTenant(
  { clientId, todoApiClientId }: WebConfig,
  credential: ClientCredential,
  metadata: TenantMetadata,
  http: CheckContext['http'],
): Promise<Finding[]> {
  const ask = (resource: string) => requestToken({ clientId, ...credential }, metadata, http, resource);
  const itself = await ask(clientId);
  if (itself !== 'issued') {
    return [refused(credentialName, itself, 'CLIENT_ID'), unchecked(apiName, 'the credential must be valid first')];
  }
  const api = await ask(`api://${todoApiClientId}`);
  return [
    ok(credentialName, 'the tenant accepts it'),
    api === 'issued' ? ok(apiName, 'the tenant knows the API') : refused(apiName, api, 'TODO_API_CLIENT_ID'),
  ];
}

async function requestToken(
  app: ClientCredential & { readonly clientId: string },
  { msalAuthority, tokenEndpoint }: TenantMetadata,
  http: CheckContext['http'],
  resource: string,
): Promise<'issued' | Error> {
  const client = new ConfidentialClientApplication({
    auth: { ...app, ...msalAuthority },
    system: {
      networkClient: createMsalNetwork(http, tokenEndpoint),
      loggerOptions: { logLevel: LogLevel.Error, loggerCallback: () => {} },
    },
  });
  try {
    await client.acquireTokenByClientCredential({ scopes: [`${resource}/.default`] });
    return 'issued';
  } catch (error) {
    return error instanceof Error ? error : new Error('failed');
  }
}

function refused(name: string, error: Error, setting: string): Finding {
  if (error instanceof TokenEndpointError) return unchecked(name, error.message);
  return refusal(name, aadstsIn(error.message), setting);
}
