import { readFileSync } from 'node:fs';
import { config, parse } from 'dotenv';
import { SettingsError } from './settings.ts';

/**
 * Adds the settings of a file to `process.env`, whose own values win. Without a file nothing happens.
 * @throws {SettingsError} when the file cannot be read as settings; dotenv would ignore it silently
 */
export function loadSettingsFile(path = '.env'): void {
  try {
    decodeSettingsFile(readFileSync(path), path);
  } catch (error) {
    if (error instanceof SettingsError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw new SettingsError([`${path} cannot be read (${error instanceof Error ? error.message : 'failed'})`]);
  }
  config({ path, quiet: true });
}

/**
 * The text of a settings file, which must be UTF-8.
 * @throws {SettingsError} for UTF-16, which PowerShell 5 writes with `>`, and for a text without a single setting
 */
export function decodeSettingsFile(bytes: Buffer, path: string): string {
  const text = utf8(bytes);
  if (text === undefined) {
    const problem = `${path} is not UTF-8, so nothing in it can be read. Save it as UTF-8.`;
    throw new SettingsError([problem], 'PowerShell: Get-Content .env | Set-Content -Encoding utf8 .env.new');
  }
  const hasText = text.split('\n').some((line) => /^\s*[^#\s]/.test(line));
  if (hasText && Object.keys(parse(text)).length === 0) {
    throw new SettingsError([`${path} contains no setting. Each is a line NAME=value.`]);
  }
  return text;
}

function utf8(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
