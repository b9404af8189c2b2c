import { z } from 'zod';
import { type HttpClient, HttpClientError, type HttpResponse } from '../../runtime/httpClient.ts';
import { parseJson } from '../../runtime/parseJson.ts';
import { readAppCertificate } from './appCertificate.ts';
import type { CertificateStore } from './CertificateSource.ts';
import { CredentialUnavailable, CredentialUnusable } from './credential.ts';

interface KeyVaultOptions {
  /** `https://{vault}.vault.azure.net` */
  readonly vaultUrl: string;
  readonly certificateName: string;
  readonly http: HttpClient;
  readonly accessToken: () => Promise<string>;
}

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
      const url = `${vaultUrl}/secrets/${certificateName}?api-version=7.4`;
      const headers = { authorization: `Bearer ${await accessToken()}`, accept: 'application/json' };
      const response = await http.request({ method: 'GET', url, headers }).catch((error: unknown) => {
        if (!(error instanceof HttpClientError)) throw error;
        throw new CredentialUnavailable(`Key Vault does not answer (${error.message})`);
      });
      if (response.status !== 200) throw refusal(response, options);
      const { data } = secret.safeParse(parseJson(response.body));
      // Without a cause: the unreadable text may be the private key.
      if (!data) throw new CredentialUnavailable('Key Vault answered 200 without a secret');
      const isPem = data.contentType === 'application/x-pem-file';
      return await readAppCertificate(Buffer.from(data.value, isPem ? 'utf8' : 'base64'), undefined);
    },
  };
}

function refusal({ status, body }: HttpResponse, { vaultUrl, certificateName }: KeyVaultOptions): Error {
  if (status === 404) {
    return new CredentialUnusable(`${vaultUrl} has no certificate ${certificateName}; check CERTIFICATE_NAME`);
  }
  const answer = [`Key Vault answered ${status}`, /"code":\s*"(\w{1,60})"/.exec(body)?.[1]].filter(Boolean).join(' ');
  if (status !== 401 && status !== 403) return new CredentialUnavailable(answer);
  return new CredentialUnavailable(`${answer}; give the app's managed identity the role Key Vault Secrets User`);
}
