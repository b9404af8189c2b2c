import { type Finding, fail, unchecked } from './finding.ts';

/** What a refusal of the tenant means for a setting, and what to do; `docs/troubleshooting.md` has the whole list. */
export const refusals: Readonly<Record<number, { cause: string; fix: string }>> = {
  50011: {
    cause: 'this redirect URI is not registered',
    fix: 'add exactly this one to the app (Authentication), or correct BASE_URL',
  },
  65001: {
    cause: 'no administrator has consented to the permissions',
    fix: 'admin center: the app, API permissions, Grant admin consent',
  },
  70011: {
    cause: 'the API has no such scope',
    fix: 'add ToDoList.Read and ToDoList.ReadWrite to the API (Expose an API)',
  },
  90002: { cause: 'there is no such tenant', fix: 'correct TENANT_SUBDOMAIN and TENANT_ID' },
  500011: {
    cause: 'the tenant knows no such API',
    fix: 'correct TODO_API_CLIENT_ID; the API needs the Application ID URI api://{its client id} and a service principal',
  },
  650053: {
    cause: 'the API has no such scope',
    fix: 'add ToDoList.Read and ToDoList.ReadWrite to the API (Expose an API)',
  },
  650057: {
    cause: "the app's registration does not list the API",
    fix: 'admin center: the app, API permissions, add ToDoList.Read and ToDoList.ReadWrite, grant admin consent',
  },
  700016: { cause: 'the tenant knows no app with this client id', fix: 'correct the client id, or the tenant' },
  700024: {
    cause: "the certificate's assertion is outside its time",
    fix: 'let the system set its clock from the network (NTP)',
  },
  700025: { cause: 'the registration is a public client, which has no credential', fix: 'register a platform "Web"' },
  700027: {
    cause: 'the certificate is not registered for this app',
    fix: "upload the certificate's public half to the app (Certificates & secrets)",
  },
  700038: { cause: 'this is no client id', fix: 'copy the Application (client) ID' },
  900971: { cause: 'the app has no redirect URI', fix: 'add it to the app (Authentication)' },
  7000112: { cause: 'the app is disabled', fix: 'enable its service principal (Enterprise applications)' },
  7000215: {
    cause: 'the tenant does not accept this secret',
    fix: "copy the secret's Value, not its Secret ID; a new one is accepted after some seconds",
  },
  7000218: {
    cause: 'the registration is not a public client',
    fix: 'admin center: the app, Authentication, Allow public client flows: Yes',
  },
  7000222: { cause: 'the secret has expired', fix: 'make a new one: npm run rotate' },
};

/** The first error code in what the tenant answered. */
export function aadstsIn(text: string): number | undefined {
  const code = /AADSTS(\d{5,7})/.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

/**
 * What a refusal says about what was checked.
 * @param otherwise what a code means that is not among {@link refusals}; default: that it fails
 */
export function refusal(
  name: string,
  code: number | undefined,
  subject: string,
  otherwise: typeof fail | typeof unchecked = fail,
): Finding {
  const known = code === undefined ? undefined : refusals[code];
  if (known) return fail(name, `${subject}: ${known.cause} (AADSTS${code})`, known.fix);
  if (code === undefined) return unchecked(name, `${subject}: the tenant's answer says nothing about it`);
  return otherwise(name, `${subject}: the tenant answers AADSTS${code}`, 'look it up in docs/troubleshooting.md');
}
