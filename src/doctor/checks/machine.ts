import { stat } from 'node:fs/promises';
import type { CheckContext } from '../checkContext.ts';
import { type Finding, fail, ok, warn } from '../finding.ts';

/** What the machine itself brings: Node.js, the check of certificates, who may read the settings. */
export async function checkMachine({ environment, envFile, nodeVersion }: CheckContext): Promise<Finding[]> {
  return [checkNode(nodeVersion), checkTlsVerification(environment), ...(await checkEnvFile(envFile))];
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number);
  const isRecent = major > 20 || (major === 20 && minor >= 19);
  return isRecent
    ? ok('Node.js', version)
    : fail('Node.js', `${version} is too old`, 'install 20.19 or newer: https://nodejs.org');
}

function checkTlsVerification({ NODE_TLS_REJECT_UNAUTHORIZED }: CheckContext['environment']): Finding {
  const name = 'TLS verification';
  if (NODE_TLS_REJECT_UNAUTHORIZED !== '0') return ok(name, 'on');
  return warn(
    name,
    'NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody pose as the tenant',
    'remove it; NODE_EXTRA_CA_CERTS adds a certificate authority of your own',
  );
}

async function checkEnvFile(path: string): Promise<Finding[]> {
  // Windows keeps rights in lists that the mode does not show.
  if (process.platform === 'win32') return [];
  const mode = await stat(path).then(
    (file) => file.mode,
    () => undefined,
  );
  if (mode === undefined) return [];
  const name = '.env file';
  return (mode & 0o077) === 0
    ? [ok(name, 'only its owner can read it')]
    : [warn(name, 'others on this machine can read it, and it holds secrets', `chmod 600 ${path}`)];
}
