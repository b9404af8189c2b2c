import { readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { SettingsError } from './settings.ts';

/**
 * Adds the settings of a `.env` to the environment, which wins. Without the file, nothing is added.
 * @param path default: in the current folder
 * @throws {SettingsError} if the file is there but gives no settings
 */
export function loadEnvFile(environment: Record<string, string | undefined>, path = '.env'): void {
  for (const [name, value] of Object.entries(readEnvFile(path))) environment[name] ??= value;
}

/** @throws {SettingsError} as above */
export function readEnvFile(path: string): Record<string, string> {
  try {
    return parse(envFileText(readFileSync(path)));
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
    if (code === 'ENOENT') return {};
    throw new SettingsError([`.env cannot be read (${code})`], 'Make it a file that this user can read, or remove it.');
  }
}

/** The text of a `.env`. dotenv would read UTF-16, which PowerShell 5 writes with `>`, as no settings at all. */
export function envFileText(bytes: Buffer): string {
  const isUtf16 = bytes.includes(0) || ['fffe', 'feff'].includes(bytes.toString('hex', 0, 2));
  if (isUtf16) throw new SettingsError(['.env is UTF-16, so none of its settings can be read'], 'Save it as UTF-8.');
  const text = bytes.toString('utf8');
  const hasContent = /^\s*[^\s#]/m.test(text);
  if (hasContent && Object.keys(parse(text)).length === 0) {
    throw new SettingsError(['.env has text, but no setting'], 'Write each setting as NAME=value on its own line.');
  }
  return text;
}
