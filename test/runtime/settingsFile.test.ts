import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EnvFile } from '../../src/registration/EnvFile.ts';
import { SettingsError } from '../../src/runtime/settings.ts';
import { loadSettingsFile } from '../../src/runtime/settingsFile.ts';

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
const path = join(folder, '.env');
afterAll(() => rmSync(folder, { recursive: true }));

describe.each([
  ['UTF-16 as PowerShell 5 writes it', Buffer.from('\ufeffCLIENT_ID=1\r\n', 'utf16le'), 'not UTF-8'],
  ['UTF-16 without a byte order mark', Buffer.from('CLIENT_ID=1\n', 'utf16le'), 'not UTF-8'],
  ['another encoding', Buffer.from('NAME=caf\xe9\n', 'latin1'), 'not UTF-8'],
  ['text without a setting', Buffer.from('CLIENT_ID 1\n'), 'contains no setting'],
])('a settings file in %s', (_what, bytes, problem) => {
  it('is refused by the programs that read it', () => {
    writeFileSync(path, bytes);
    expect(() => loadSettingsFile(path)).toThrow(SettingsError);
    expect(() => loadSettingsFile(path)).toThrow(problem);
  });

  it('is refused by the commands that change it', async () => {
    writeFileSync(path, bytes);
    await expect(new EnvFile(path).change({ CLIENT_ID: '2' })).rejects.toThrow(problem);
  });
});

describe('a settings file', () => {
  it.each(['', '\n# A comment\n', 'EMPTY=\n'])('may be %j', (text) => {
    writeFileSync(path, text);
    expect(() => loadSettingsFile(path)).not.toThrow();
  });

  it('may be missing', () => {
    expect(() => loadSettingsFile(join(folder, 'none'))).not.toThrow();
  });
});
