import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { AdministratorWay } from '../entra/terminal/administrator.ts';
import { UsageError } from './errors.ts';

/** Where the command works, and how. */
export interface SharedOptions {
  /** The tenant's GUID or one of its domains; default: what `.env` says. */
  readonly tenant: string | undefined;
  readonly environment: string | undefined;
  readonly manifestPath: string | undefined;
  /** What the names of all that is made begin with; default: the manifest's. */
  readonly namePrefix: string | undefined;
  readonly isLocal: boolean;
  readonly way: AdministratorWay;
  /** Whether it was confirmed beforehand. */
  readonly isConfirmed: boolean;
  /** Whether to show what would be done, and do nothing. */
  readonly isDryRun: boolean;
}

export interface ConfigureOptions extends SharedOptions {
  readonly baseUrl: string | undefined;
  readonly signInMethod: string | undefined;
  /** Default: what `.env` has, else a secret. */
  readonly credential: 'secret' | 'certificate' | undefined;
}

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'configure'; readonly options: ConfigureOptions }
  | { readonly name: 'rotate'; readonly options: SharedOptions; readonly isFinish: boolean }
  | { readonly name: 'cleanup'; readonly options: SharedOptions; readonly isPurge: boolean };

const shared = {
  tenant: { type: 'string' },
  environment: { type: 'string' },
  manifest: { type: 'string' },
  name: { type: 'string' },
  local: { type: 'boolean' },
  'device-code': { type: 'boolean' },
  'azure-cli': { type: 'boolean' },
  yes: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsConfig['options'];

const own = {
  configure: {
    'base-url': { type: 'string' },
    'sign-in-method': { type: 'string' },
    credential: { type: 'string' },
    certificate: { type: 'boolean' },
  },
  rotate: { finish: { type: 'boolean' } },
  cleanup: { purge: { type: 'boolean' } },
} as const satisfies Record<string, ParseArgsConfig['options']>;

export const helpText = `Registers the sample in your external tenant, and fills in .env.

npm run configure -- --tenant <id or domain>
npm run rotate
npm run cleanup

All commands
    --tenant <id>        the tenant's GUID, or a domain such as
                         contoso.onmicrosoft.com; default: that of .env
    --local              the local tenant: npm run tenant
    --name <prefix>      what the names of all that is made begin with
    --manifest <file>    what to register;
                         default: AppCreationScripts/sample.json
    --environment <name> AzureCloud, the only cloud with External ID
    --device-code        sign in with a code, on any device
    --azure-cli          use the session of az login
    --dry-run            show what would be done
    --yes                do not ask
    --json               one JSON value a line
    --help               show this

configure
    --base-url <url>     where browsers reach the web app
    --sign-in-method <m> password, or code: one-time codes by email
    --credential <kind>  secret, or certificate;
                         default: what .env has, else a secret
    --certificate        the same as --credential certificate

rotate                   a new secret or certificate beside the old one
    --finish             remove the older ones

cleanup                  remove what configure made, and nothing else
    --purge              from the deleted items as well

With GRAPH_ACCESS_TOKEN in the environment nobody need sign in.

Ends with 0 done, 1 failed: run it again, it goes on where it stopped,
2 wrong use, 3 not confirmed, 130 interrupted.
`;

/**
 * Reads the arguments after the program's name.
 * @throws {UsageError}
 */
export function readCommandLine([name, ...args]: readonly string[]): Command {
  switch (name) {
    case 'configure': {
      const values = parse(args, { ...shared, ...own.configure });
      if (values.help) return { name: 'help' };
      const credential = credentialOf(values.credential, values.certificate);
      const [baseUrl, signInMethod] = [values['base-url'], values['sign-in-method']];
      return { name, options: { ...sharedOptions(values), baseUrl, signInMethod, credential } };
    }
    case 'rotate': {
      const values = parse(args, { ...shared, ...own.rotate });
      return values.help
        ? { name: 'help' }
        : { name, options: sharedOptions(values), isFinish: values.finish ?? false };
    }
    case 'cleanup': {
      const values = parse(args, { ...shared, ...own.cleanup });
      return values.help ? { name: 'help' } : { name, options: sharedOptions(values), isPurge: values.purge ?? false };
    }
    case '--help':
    case '-h':
    case 'help':
      return { name: 'help' };
    default:
      throw new UsageError('Say what to do: configure, rotate or cleanup. All options: npm run configure -- --help');
  }
}

/** Whether to answer in JSON, also where the rest of the arguments is wrong. */
export function wantsJson(args: readonly string[]): boolean {
  return args.includes('--json');
}

function parse<Options extends NonNullable<ParseArgsConfig['options']>>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    // Node's message goes on with advice for one who writes the parser.
    const [problem = ''] = error instanceof Error ? error.message.split('. ') : [];
    throw new UsageError(`${problem}. All options: npm run configure -- --help`);
  }
}

interface SharedValues {
  readonly tenant?: string;
  readonly environment?: string;
  readonly manifest?: string;
  readonly name?: string;
  readonly local?: boolean;
  readonly 'device-code'?: boolean;
  readonly 'azure-cli'?: boolean;
  readonly yes?: boolean;
  readonly 'dry-run'?: boolean;
}

function sharedOptions(values: SharedValues): SharedOptions {
  const { tenant, local = false, yes = false } = values;
  if (local && tenant !== undefined) throw new UsageError('--local and --tenant name two tenants: leave one out.');
  return {
    tenant: tenant === undefined ? undefined : tenantOf(tenant),
    environment: values.environment,
    manifestPath: values.manifest,
    namePrefix: values.name,
    isLocal: local,
    way: wayOf(values),
    isConfirmed: yes,
    isDryRun: values['dry-run'] ?? false,
  };
}

function wayOf(values: SharedValues): AdministratorWay {
  if (values['device-code'] && values['azure-cli']) throw new UsageError('--device-code or --azure-cli, not both.');
  if (values['azure-cli']) return 'azureCli';
  return values['device-code'] ? 'deviceCode' : 'browser';
}

function credentialOf(credential: string | undefined, isCertificate = false): ConfigureOptions['credential'] {
  if (isCertificate && credential === 'secret') throw new UsageError('--certificate or --credential secret, not both.');
  if (isCertificate || credential === 'certificate') return 'certificate';
  if (credential === 'secret' || credential === undefined) return credential;
  throw new UsageError('--credential must be secret or certificate.');
}

/** A subdomain alone stands for its domain at onmicrosoft.com. The name goes into addresses, so that it is kept to what a tenant's may be. */
function tenantOf(text: string): string {
  const name = text.trim().toLowerCase();
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name)) {
    throw new UsageError("--tenant must be the tenant's GUID, or a domain of it such as contoso.onmicrosoft.com.");
  }
  const isWhole = name.includes('.') || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
  return isWhole ? name : `${name}.onmicrosoft.com`;
}
