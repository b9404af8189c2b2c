import { parseArgs } from 'node:util';
import type { AdministratorWay } from '../entra/terminal/administrator.ts';
import { UsageError } from '../entra/terminal/CommandError.ts';
import type { Format } from '../entra/terminal/Output.ts';

const ownOptions = {
  configure: ['base-url', 'sign-in-method', 'credential', 'certificate'],
  rotate: ['finish'],
  cleanup: ['purge'],
};

const seeHelp = 'All options: npm run configure -- --help';

type CommandName = keyof typeof ownOptions;
export type CommandOptions = ReturnType<typeof optionsOf>;
export type Command = { readonly name: 'help' } | { readonly name: CommandName; readonly options: CommandOptions };

export const helpText = `Registers the sample in your external tenant, and fills in .env.

npm run configure -- --tenant <id or domain>
npm run rotate
npm run cleanup

All commands
    --tenant <id>        the tenant's GUID, or a domain such as
                         contoso.onmicrosoft.com; default: the tenant in .env
    --local              the local tenant: npm run tenant
    --name <prefix>      the prefix of all names in the tenant
    --manifest <file>    what to register;
                         default: AppCreationScripts/sample.json
    --environment <name> AzureCloud, the only cloud with External ID
    --device-code        sign in with a code, on any device
    --azure-cli          use the session of az login
    --dry-run            show the plan and change nothing
    --yes                do not ask for confirmation
    --json               print one JSON value a line
    --help               show this help

configure
    --base-url <url>     public origin of the web app
    --sign-in-method <m> password, or code for one-time codes by email
    --credential <kind>  secret or certificate;
                         default: what .env has, else a secret
    --certificate        the same as --credential certificate

rotate                   add a new secret or certificate, keep the old one
    --finish             remove the older ones

cleanup                  remove what configure made, and nothing else
    --purge              also from the deleted applications

With GRAPH_ACCESS_TOKEN in the environment, nobody has to sign in.

Exit codes: 0 done; 1 failed, run it again to continue; 2 wrong usage;
3 not confirmed; 130 interrupted.
`;

/**
 * Reads the arguments after the program's name.
 * @throws {UsageError}
 */
export function readArguments([name, ...args]: readonly string[]): Command {
  if (name === 'help' || name === '--help' || name === '-h') return { name: 'help' };
  if (name !== 'configure' && name !== 'rotate' && name !== 'cleanup') {
    throw new UsageError(`Name a command: configure, rotate or cleanup. ${seeHelp}`);
  }
  const values = parse(name, args);
  if (values.help) return { name: 'help' };
  checkCloud(values.environment);
  return { name, options: optionsOf(values) };
}

function optionsOf(values: Values) {
  return {
    /** The tenant's GUID or one of its domains; default: the tenant in `.env`. */
    tenant: tenantOf(values),
    manifestPath: values.manifest,
    /** The prefix of all names in the tenant; default: the manifest's. */
    namePrefix: values.name,
    isLocal: values.local ?? false,
    way: wayOf(values),
    isConfirmed: values.yes ?? false,
    isDryRun: values['dry-run'] ?? false,
    baseUrl: values['base-url'],
    signInMethod: values['sign-in-method'],
    /** Default: what `.env` has, else a secret. */
    credential: credentialOf(values),
    isFinish: values.finish ?? false,
    isPurge: values.purge ?? false,
  };
}

/** The format of the output, even if the other arguments are wrong. */
export function readFormat(args: readonly string[]): Format {
  return args.includes('--json') ? 'json' : 'text';
}

function parse(name: CommandName, args: string[]) {
  const values = parseAll(args);
  const foreign = Object.entries(ownOptions)
    .flatMap(([command, options]) => (command === name ? [] : options))
    .find((option) => option in values);
  if (foreign) throw new UsageError(`${name} has no option --${foreign}. ${seeHelp}`);
  return values;
}

function parseAll(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args,
      options: {
        tenant: text,
        environment: text,
        manifest: text,
        name: text,
        local: flag,
        'device-code': flag,
        'azure-cli': flag,
        yes: flag,
        'dry-run': flag,
        json: flag,
        help: { ...flag, short: 'h' },
        'base-url': text,
        'sign-in-method': text,
        credential: text,
        certificate: flag,
        finish: flag,
        purge: flag,
      },
    }).values;
  } catch (error) {
    // The rest of Node's message advises the author of the parser.
    const [problem = ''] = error instanceof Error ? error.message.split('. ') : [];
    throw new UsageError(`${problem}. ${seeHelp}`);
  }
}

type Values = ReturnType<typeof parseAll>;

/** Microsoft's scripts name the cloud. @see https://learn.microsoft.com/graph/deployments */
function checkCloud(name = 'AzureCloud'): void {
  if (name.toLowerCase() === 'azurecloud') return;
  throw new UsageError(
    `--environment must be AzureCloud: External ID exists in the public cloud only, not in ${name}.`,
  );
}

function wayOf(values: Values): AdministratorWay {
  if (values['device-code'] && values['azure-cli']) throw new UsageError('--device-code or --azure-cli, not both.');
  if (values['azure-cli']) return 'azureCli';
  return values['device-code'] ? 'deviceCode' : 'browser';
}

function credentialOf({ credential, certificate = false }: Values): 'secret' | 'certificate' | undefined {
  if (certificate && credential === 'secret') throw new UsageError('--certificate or --credential secret, not both.');
  if (certificate || credential === 'certificate') return 'certificate';
  if (credential === 'secret' || credential === undefined) return credential;
  throw new UsageError('--credential must be secret or certificate.');
}

/** Accepts only the characters of a tenant's names, because the name becomes part of URLs. */
function tenantOf({ tenant, local }: Values): string | undefined {
  if (tenant === undefined) return undefined;
  if (local) throw new UsageError('--local or --tenant, not both.');
  const name = tenant.trim().toLowerCase();
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name)) {
    throw new UsageError("--tenant must be the tenant's GUID, or one of its domains, such as contoso.onmicrosoft.com.");
  }
  const isComplete = name.includes('.') || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
  return isComplete ? name : `${name}.onmicrosoft.com`;
}
