import { parseArgs } from 'node:util';

const options = {
  empty: { type: 'boolean', default: false },
  tls: { type: 'boolean', default: false },
  hosts: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

export function readOptions(args: readonly string[]) {
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.write && !values.hosts) throw new Error('--write is for --hosts');
    return values;
  } catch (error) {
    const [problem = ''] = error instanceof Error ? error.message.split(/\. /) : [];
    throw new Error(`${problem}. Run entra-local-tenant --help for the options.`, { cause: error });
  }
}

export const help = `Usage: entra-local-tenant [options]

Runs a stand-in for a Microsoft Entra External ID tenant on this machine, for development and tests.

Options:
  --tls        Speak https. The certificate is written to .local-tenant/certificate.pem at each start.
  --hosts      Answer at Entra's own names, https://{TENANT_SUBDOMAIN}.ciamlogin.com, on port 443 of 127.0.0.2, so
               that apps run with their real settings. It prints the line for the hosts file.
  --write      With --hosts: add that line to the hosts file, and remove it at the end. Needs the right to do so.
  --empty      Start with no apps and APIs. Register them through Microsoft Graph.
  --quiet      Do not print customers and settings at the start.
  -h, --help   Show this help.

Settings (environment variables):
  PORT              Port to listen on. Default: 3002, or 443 with --hosts
  BASE_URL          Origin in the tenant's metadata, for example that of a TLS proxy.
                    Default: http://localhost:{PORT}, or https with --tls
  TENANT_ID         A GUID. Default: 7c1f5d3a-94b2-4e0c-8a6d-2f5b9e3c1d70
  TENANT_SUBDOMAIN  The tenant's name in {name}.onmicrosoft.com. Default: contoso
  TENANT_FILE       A JSON file with your own apps, APIs, user flows and customers.
                    Start from http://localhost:3002/dev/tenant.json
  TENANT_TLS        1 is the same as --tls. Default: 0
  TENANT_HOSTS      1 is the same as --hosts. Default: 0
  TENANT_EMPTY      1 is the same as --empty. Default: 0

It listens on the loopback address only, and refuses to start with NODE_ENV=production.
`;
