import { type Finding, fail, unchecked } from './finding.ts';

const adminCenter = 'admin center: the app,';
const noScope = {
  cause: 'the API has no such scope',
  fix: 'add ToDoList.Read and ToDoList.ReadWrite to the API (Expose an API)',
};

/** The tenant's error codes that a check can cause. `docs/troubleshooting.md` lists all codes. */
export const refusals: Readonly<Record<number, { cause: string; fix: string }>> = {
  50011: {
    cause: 'this redirect URI is not registered',
    fix: `${adminCenter} Authentication, add exactly this URI; or correct BASE_URL`,
  },
  65001: { cause: 'no administrator consented', fix: `${adminCenter} API permissions, Grant admin consent` },
  70011: noScope,
  90002: { cause: 'there is no such tenant', fix: 'correct TENANT_SUBDOMAIN and TENANT_ID' },
  500011: {
    cause: 'the tenant does not know this API',
    fix: 'correct TODO_API_CLIENT_ID; the API needs the Application ID URI api://{client ID} and a service principal',
  },
  650053: noScope,
  650057: {
    cause: "the app's registration does not list the API",
    fix: `${adminCenter} API permissions, add ToDoList.Read and ToDoList.ReadWrite, grant admin consent`,
  },
  700016: { cause: 'the tenant has no app with this client ID', fix: 'correct the client ID, or the tenant' },
  700024: {
    cause: "the certificate's assertion is not valid at this time",
    fix: 'synchronize the system clock with the network (NTP)',
  },
  700025: { cause: 'the registration is a public client, which has no credential', fix: 'register a platform "Web"' },
  700027: {
    cause: 'the certificate is not registered for this app',
    fix: `${adminCenter} Certificates & secrets, upload the certificate's public half`,
  },
  700038: { cause: 'this is not a client ID', fix: 'copy the Application (client) ID' },
  900971: { cause: 'the app has no redirect URI', fix: `${adminCenter} Authentication, add it` },
  7000112: { cause: 'the app is disabled', fix: 'enable its service principal (Enterprise applications)' },
  7000215: {
    cause: 'the tenant does not accept this secret',
    fix: "copy the secret's Value, not its Secret ID; a new secret works after some seconds",
  },
  7000218: {
    cause: 'the registration is not a public client',
    fix: `${adminCenter} Authentication, Allow public client flows: Yes`,
  },
  7000222: { cause: 'the secret has expired', fix: 'make a new one: npm run rotate' },
};

/** The first AADSTS code in an answer of the tenant. */
export function aadstsIn(text: string): number | undefined {
  const code = /AADSTS(\d{5,7})/.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

/**
 * The finding for an error code of the tenant.
 * @param checked the setting, address or scopes that were checked
 * @param otherwise the kind of finding for a code that is not in {@link refusals}
 */
export function refusal(
  name: string,
  code: number | undefined,
  checked: string,
  otherwise: typeof fail | typeof unchecked = fail,
): Finding {
  const known = code === undefined ? undefined : refusals[code];
  if (known) return fail(name, `${checked}: ${known.cause} (AADSTS${code})`, known.fix);
  if (code === undefined) return unchecked(name, `${checked}: the tenant's answer does not say`);
  return otherwise(name, `${checked}: the tenant answers AADSTS${code}`, 'look it up in docs/troubleshooting.md');
}
