import { z } from 'zod';
import { type HttpClient, HttpClientError, type HttpResponse } from '../../runtime/httpClient.ts';
import { parseJson } from '../../runtime/parseJson.ts';
import { readAppCertificate } from './appCertificate.ts';
import type { CertificateStore } from './CertificateSource.ts';
import { CredentialUnavailable, CredentialUnusable } from './credential.ts';

export interface KeyVaultOptions {
  /** `https://{vault}.vault.azure.net` */
  readonly vaultUrl: string;
  readonly certificateName: string;
  readonly http: HttpClient;
  /** A token for Key Vault. @throws {CredentialUnavailable} */
  readonly accessToken: () => Promise<string>;
}

const apiVersion = '7.4';
const secret = z.object({ value: z.string(), contentType: z.string().optional() });

/**
 * A certificate of Azure Key Vault with its private key, which the secret of the same name holds, in its newest version.
 * @see https://learn.microsoft.com/azure/key-vault/certificates/about-certificates#composition-of-a-certificate
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
 */
export function keyVaultCertificate(options: KeyVaultOptions): CertificateStore {
  const { vaultUrl, certificateName, http, accessToken } = options;
  return {
    name: `Key Vault certificate ${certificateName}`,
    freshMs: 6 * 3_600_000,
    async read() {
      const response = await ask(http, `${vaultUrl}/secrets/${certificateName}`, await accessToken());
      if (response.status !== 200) throw refusal(response, options);
      const { value, contentType } = parseSecret(response);
      const isPem = contentType === 'application/x-pem-file';
      return await readAppCertificate(Buffer.from(value, isPem ? 'utf8' : 'base64'), undefined);
    },
  };
}

async function ask(http: HttpClient, url: string, token: string): Promise<HttpResponse> {
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  try {
    return await http.request({ method: 'GET', url: `${url}?api-version=${apiVersion}`, headers });
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
    throw new CredentialUnavailable(`Key Vault does not answer (${error.message})`);
  }
}

function parseSecret({ body }: HttpResponse): z.output<typeof secret> {
  const { data } = secret.safeParse(parseJson(body));
  if (data) return data;
  // Without a cause: the unreadable text may be the private key.
  throw new CredentialUnavailable('Key Vault answered 200 without a secret');
}

function refusal({ status, body }: HttpResponse, { vaultUrl, certificateName }: KeyVaultOptions): Error {
  if (status === 404) {
    return new CredentialUnusable(`${vaultUrl} has no certificate ${certificateName}; check CERTIFICATE_NAME`);
  }
  const answer = [`Key Vault answered ${status}`, /"code":\s*"(\w{1,60})"/.exec(body)?.[1]].filter(Boolean).join(' ');
  if (status !== 401 && status !== 403) return new CredentialUnavailable(answer);
  return new CredentialUnavailable(`${answer}; give the app's managed identity the role Key Vault Secrets User`);
}
