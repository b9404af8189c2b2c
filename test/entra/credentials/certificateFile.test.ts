import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateFile } from '../../../src/entra/credentials/certificateFile.ts';
import { CredentialUnusable } from '../../../src/entra/credentials/credential.ts';
import type { Logger } from '../../../src/runtime/logger.ts';
import { makeCertificate, toPfx } from '../../support/certificates.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificate-'));
  path = join(folder, 'web.pem');
});
afterAll(() => rm(folder, { recursive: true }));

const [one, other] = [makeCertificate(), makeCertificate()];

function open(at: string, password?: string) {
  const warnings: string[] = [];
  const log: Logger = { info: () => {}, warn: (message) => void warnings.push(message), error: () => {} };
  return { warnings, store: certificateFile(at, password, log) };
}

describe('a certificate file', () => {
  it('is read again after it was replaced', async () => {
    await writeFile(path, one.pem, { mode: 0o600 });
    const { store, warnings } = open(path);
    const first = await store.read();
    expect([first.thumbprint, warnings]).toEqual([one.thumbprint, []]);
    expect(await store.read()).toBe(first);
    await writeFile(path, other.pem);
    expect((await store.read()).thumbprint).toBe(other.thumbprint);
  });

  it('is refused while it is half written, and read when it is whole', async () => {
    const { store } = open(path);
    await writeFile(path, one.pem.slice(0, 900));
    await expect(store.read()).rejects.toThrow(CredentialUnusable);
    await writeFile(path, one.pem);
    expect((await store.read()).thumbprint).toBe(one.thumbprint);
  });

  it('may be a PFX with a password', async () => {
    const pfx = join(folder, 'web.pfx');
    await writeFile(pfx, toPfx(one, 'of the file'), { mode: 0o600 });
    expect((await open(pfx, 'of the file').store.read()).thumbprint).toBe(one.thumbprint);
  });

  it('causes one warning when every user of the machine can read it', async () => {
    const shared = join(folder, 'shared.pem');
    await writeFile(shared, one.pem);
    await chmod(shared, 0o604);
    const { store, warnings } = open(shared);
    await store.read();
    await store.read();
    expect(warnings).toEqual([expect.stringContaining(`chmod 600 ${shared}`)]);
  });

  it.each([
    ['missing.pem', /no such file; CLIENT_CERTIFICATE_PATH/],
    ['.', /is a folder; set CLIENT_CERTIFICATE_PATH/],
    ['web.pem/x', /cannot be read \(ENOTDIR\)/],
  ])('that cannot be read, such as %s, is refused with what to do', async (name, problem) => {
    await writeFile(path, one.pem);
    await expect(open(join(folder, name)).store.read()).rejects.toThrow(problem);
  });
});
