import { z } from 'zod';
import type { HttpClient } from '../../runtime/httpClient.ts';
import type { Logger } from '../../runtime/logger.ts';
import { guid, httpUrl, isLoopback } from '../../runtime/settings.ts';
import { CertificateSource } from './CertificateSource.ts';
import { certificateFile } from './certificateFile.ts';
import { type CredentialSource, clientSecretSource } from './credential.ts';
import { keyVaultCertificate } from './keyVault.ts';
import { managedIdentityToken } from './managedIdentity.ts';

/** Which credential the settings name. */
export type CredentialSettings =
  | { readonly kind: 'vault'; readonly vaultUrl: string; readonly certificateName: string }
  | { readonly kind: 'file'; readonly path: string; readonly password: string | undefined }
  | { readonly kind: 'secret'; readonly secret: string };

/** External ID exists in the public cloud only. A private endpoint keeps the vault's name. */
const vaultUrl = /^https:\/\/[a-z][a-z0-9-]{1,22}[a-z0-9]\.vault\.azure\.net$/;
const vaultProblem = 'must be the Vault URI, such as https://contoso-web.vault.azure.net';

/** The URL of a vault in production. Elsewhere a stand-in on this machine is accepted too. */
export const azureVaultUrl = httpUrl.pipe(z.string().regex(vaultUrl, vaultProblem));

/** The settings that name the app's credential; {@link withCredential} asks for one of them. */
export const credentialFields = {
  CLIENT_SECRET: z
    .string()
    .trim()
    .refine(
      (secret) => !guid.safeParse(secret).success,
      'is the ID of a secret; use its Value, which the admin center shows once',
    )
    .optional(),
  CLIENT_CERTIFICATE_PATH: z.string().trim().optional(),
  CLIENT_CERTIFICATE_PASSWORD: z.string().optional(),
  KEY_VAULT_URL: httpUrl
    .pipe(z.string().refine((url) => vaultUrl.test(url) || isLoopback(url), vaultProblem))
    .optional(),
  CERTIFICATE_NAME: z
    .string()
    .trim()
    .regex(/^[0-9a-zA-Z-]{1,127}$/, 'must be the name of a certificate in the vault: letters, digits and hyphens')
    .optional(),
};

type Fields = z.output<z.ZodObject<typeof credentialFields>>;

/** Requires one complete credential of a schema with {@link credentialFields}. */
export function withCredential<Schema extends z.ZodType<Fields>>(schema: Schema) {
  const rule = (name: keyof Fields, advice: string, isKept: (has: (other: keyof Fields) => boolean) => boolean) =>
    // Checked even when a field is wrong, so that all problems are named at once.
    z.refine<Fields>((fields) => isKept((other) => other in fields), {
      path: [name],
      error: `is missing: ${advice}`,
      when: () => true,
    });
  return schema.check(
    rule('CERTIFICATE_NAME', 'it belongs to KEY_VAULT_URL', (has) => has('CERTIFICATE_NAME') || !has('KEY_VAULT_URL')),
    rule('KEY_VAULT_URL', 'it belongs to CERTIFICATE_NAME', (has) => has('KEY_VAULT_URL') || !has('CERTIFICATE_NAME')),
    rule(
      'CLIENT_SECRET',
      'set it, or CLIENT_CERTIFICATE_PATH, or KEY_VAULT_URL and CERTIFICATE_NAME',
      (has) =>
        has('CLIENT_SECRET') || has('CLIENT_CERTIFICATE_PATH') || has('KEY_VAULT_URL') || has('CERTIFICATE_NAME'),
    ),
  );
}

/** The strongest of the credentials that are set. */
export function credentialSettingsOf(settings: Fields): CredentialSettings {
  const { KEY_VAULT_URL, CERTIFICATE_NAME, CLIENT_CERTIFICATE_PATH, CLIENT_CERTIFICATE_PASSWORD } = settings;
  if (KEY_VAULT_URL && CERTIFICATE_NAME) {
    return { kind: 'vault', vaultUrl: KEY_VAULT_URL, certificateName: CERTIFICATE_NAME };
  }
  if (CLIENT_CERTIFICATE_PATH) {
    return { kind: 'file', path: CLIENT_CERTIFICATE_PATH, password: CLIENT_CERTIFICATE_PASSWORD };
  }
  return { kind: 'secret', secret: settings.CLIENT_SECRET ?? '' };
}

/** Creates the source of the credential that the settings name. It reads nothing before `start()`. */
export function createCredentialSource(
  settings: CredentialSettings,
  { http, log }: { readonly http: HttpClient; readonly log: Logger },
): CredentialSource {
  switch (settings.kind) {
    case 'secret':
      return clientSecretSource(settings.secret);
    case 'file':
      return new CertificateSource({ store: certificateFile(settings.path, settings.password, log), log });
    case 'vault': {
      const accessToken = () => managedIdentityToken('https://vault.azure.net', http);
      return new CertificateSource({ store: keyVaultCertificate({ ...settings, http, accessToken }), log });
    }
  }
}
