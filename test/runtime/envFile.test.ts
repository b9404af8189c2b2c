import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadEnvFile } from '../../src/runtime/envFile.ts';
import { SettingsError } from '../../src/runtime/settings.ts';

const src = join(import.meta.dirname, '../../src');

describe('.env', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'env-file-'));
    path = join(folder, '.env');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const text = 'TENANT_SUBDOMAIN=contoso\r\nPORT=4000\r\n';

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
  ])('in %s is loaded, and the environment wins', (_encoding, bytes) => {
    writeFileSync(path, bytes);
    const environment: Record<string, string | undefined> = { PORT: '' };
    loadEnvFile(environment, path);
    expect(environment).toEqual({ TENANT_SUBDOMAIN: 'contoso', PORT: '' });
  });

  it.each([
    ['UTF-16 LE', Buffer.from(`\ufeff${text}`, 'utf16le'), /is UTF-16[\s\S]+Save it as UTF-8/],
    ['UTF-16 BE', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), /is UTF-16/],
    ['UTF-16 without a byte order mark', Buffer.from(text, 'utf16le'), /is UTF-16/],
    ['a text without settings', Buffer.from('# Settings\nhello\n'), /has text, but no setting/],
  ])('that is %s is refused', (_what, bytes, why) => {
    writeFileSync(path, bytes);
    expect(() => loadEnvFile({}, path)).toThrow(SettingsError);
    expect(() => loadEnvFile({}, path)).toThrow(why);
  });

  it('that is a folder is refused', () => {
    expect(() => loadEnvFile({}, folder)).toThrow(/\.env cannot be read \(EISDIR\)/);
  });

  it.each(['', '\n', '# A comment\n  # another\n'])('of %j has no settings, which is no fault', (content) => {
    writeFileSync(path, content);
    const environment = {};
    loadEnvFile(environment, path);
    expect(environment).toEqual({});
  });

  it('that does not exist has no settings', () => {
    expect(() => loadEnvFile({}, path)).not.toThrow();
  });

  it('is read by no program without these checks', () => {
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const withDotenv = files.filter((name) => readFileSync(join(src, name), 'utf8').includes("from 'dotenv'"));
    expect(withDotenv.sort()).toEqual([join('registration', 'EnvFile.ts'), join('runtime', 'envFile.ts')]);
  });
});
