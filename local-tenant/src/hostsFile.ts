import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TenantConfig } from './config.ts';

/** An address of its own on this machine, whose port 443 no other server has. */
export const ownAddress = '127.0.0.2';

/** Entra's names, at which the tenant answers. */
export function entraHosts({ baseUrl, aliases }: Pick<TenantConfig, 'baseUrl' | 'aliases'>): string[] {
  return [baseUrl, ...aliases].map((origin) => new URL(origin).hostname);
}

/** The line that sends these names to the tenant; without it they lead to Microsoft. */
export function hostsLine(config: Pick<TenantConfig, 'baseUrl' | 'aliases'>): string {
  return `${ownAddress} ${entraHosts(config).join(' ')} # entra-local-tenant`;
}

export function hostsFile(): string {
  const { SystemRoot } = process.env;
  return SystemRoot ? join(SystemRoot, 'System32/drivers/etc/hosts') : '/etc/hosts';
}

/**
 * Adds the line to a hosts file, unless it is there. The file is written in place, because it can be a mount.
 * @returns removes what was added, now or by a tenant that was killed
 * @throws {Error} with what to do if the file cannot be written
 */
export function addToHosts(line: string, path: string): () => void {
  const added = `${line} --write`;
  const read = () => readFileSync(path, 'utf8').split('\n');
  const remove = () =>
    writeFileSync(
      path,
      read()
        .filter((one) => one !== added)
        .join('\n'),
    );
  try {
    const lines = read();
    if (lines.some((one) => one.trimEnd() === line)) return () => {};
    if (!lines.includes(added)) {
      const isEnded = lines.at(-1) === '';
      appendFileSync(path, `${isEnded ? '' : '\n'}${added}\n`);
    }
  } catch (cause) {
    throw new Error(`${path} cannot be written. Add this line yourself and start without --write:\n${line}`, { cause });
  }
  return remove;
}
