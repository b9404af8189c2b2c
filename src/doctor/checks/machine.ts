import { stat } from 'node:fs/promises';
import { readEnvFile } from '../../runtime/envFile.ts';
import { SettingsError } from '../../runtime/settings.ts';
import type { CheckContext } from '../checkContext.ts';
import { type Finding, fail, ok, warn } from '../finding.ts';

/** Node.js, the verification of TLS certificates, and who may read `.env`. */
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
    'NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody impersonate the tenant',
    'remove it; NODE_EXTRA_CA_CERTS adds your own certificate authority',
  );
}

async function checkEnvFile(path: string): Promise<Finding[]> {
  const name = '.env file';
  try {
    readEnvFile(path);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return [fail(name, error.problems.join('; '), 'save it as UTF-8, with each setting as NAME=value on its own line')];
  }
  // On Windows, the mode does not show the access rights.
  if (process.platform === 'win32') return [];
  const mode = await stat(path).then(
    (file) => file.mode,
    () => undefined,
  );
  if (mode === undefined) return [];
  return (mode & 0o077) === 0
    ? [ok(name, 'only its owner can read it')]
    : [warn(name, 'it has secrets, and other users of this machine can read it', `chmod 600 ${path}`)];
}
