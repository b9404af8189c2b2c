import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededCustomers } from 'entra-local-tenant';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Account, type AccountOptions } from '../../src/headless/Account.ts';
import { NotSignedIn, Unavailable } from '../../src/headless/errors.ts';
import { PublicAuthProvider, type SignedIn } from '../../src/headless/PublicAuthProvider.ts';
import { tokenOwnerOf } from '../../src/headless/storedSignIn.ts';
import { TokenFile } from '../../src/headless/TokenFile.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { configFor, http, signInWithCode } from './signIns.ts';

const [alice, bob] = seededCustomers;
let tenant: RunningTenant;
let folder: string;
let path: string;
let signedIn: SignedIn;
beforeAll(async () => {
  tenant = await startTenant();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'account-'));
  path = join(folder, 'entra-todo', 'tokens.json');
  signedIn = await signInWithCode(tenant);
});
afterEach(async () => {
  await tenant.control('reset');
  await rm(folder, { recursive: true });
});
afterAll(() => tenant.stop());

/** As another process of the same customer has it. */
function account(
  provider?: AccountOptions['provider'],
  file: AccountOptions['file'] = new TokenFile({ path }),
): Account {
  const config = configFor(tenant);
  return new Account({
    file,
    provider: provider ?? new PublicAuthProvider({ config, http }),
    owner: tokenOwnerOf(config),
  });
}

const inMinutes = (minutes: number): SignedIn => ({
  ...signedIn,
  accessToken: { ...signedIn.accessToken, expiresAt: Date.now() + minutes * 60_000 },
});
const failure = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

async function renewalsOf(work: () => Promise<unknown>): Promise<number> {
  const count = async () => {
    const answers: unknown = await (await fetch(`${tenant.origin}/dev/token-answers`)).json();
    return Number(Object(answers).refresh_token ?? 0);
  };
  const before = await count();
  await work();
  return (await count()) - before;
}

describe('an access token', () => {
  it('is the stored one while it is good for five minutes, without a question to the tenant', async () => {
    await account().keep(inMinutes(6));
    const work = async () => expect(await account().accessToken()).toBe(signedIn.accessToken.token);
    expect(await renewalsOf(work)).toBe(0);
  });

  it('is renewed and stored when it is good for less', async () => {
    await account().keep(inMinutes(4));
    const token = await account().accessToken();
    expect(token).not.toBe(signedIn.accessToken.token);
    expect(await renewalsOf(async () => expect(await account().accessToken()).toBe(token))).toBe(0);
  });

  it('is renewed once for five processes at the same time, which all get the same', async () => {
    await account().keep(inMinutes(4));
    const work = async () => {
      const tokens = await Promise.all(Array.from({ length: 5 }, () => account().accessToken()));
      expect(new Set(tokens).size).toBe(1);
    };
    expect(await renewalsOf(work)).toBe(1);
  });

  it('is another one when the API refuses what is stored, however fresh', async () => {
    await account().keep(inMinutes(60));
    const token = await account().accessToken({ renewed: true });
    expect(token).not.toBe(signedIn.accessToken.token);
    expect(await account().accessToken()).toBe(token);
  });

  it('cannot be had before a sign-in', async () => {
    const error = await failure(account().accessToken());
    expect(error).toBeInstanceOf(NotSignedIn);
    expect(error).toMatchObject({ exitCode: 5, message: expect.stringContaining('sign-in') });
  });

  it('cannot be had when the tenant no longer honours the sign-in', async () => {
    await account().keep(inMinutes(4));
    await tenant.control('revoke', { email: alice.email });
    expect(await failure(account().accessToken())).toBeInstanceOf(NotSignedIn);
  });

  it('can be had later when the tenant is away, without another sign-in', async () => {
    await account().keep(inMinutes(4));
    await tenant.control('faults', { name: 'token-500', times: 1 });
    expect(await failure(account().accessToken())).toBeInstanceOf(Unavailable);
    expect(await account().accessToken()).toMatch(/^eyJ/);
  });
});

describe('a stored sign-in', () => {
  it('tells whose it is', async () => {
    expect(await failure(account().claims())).toBeInstanceOf(NotSignedIn);
    await account().keep(signedIn);
    expect(await account().claims()).toMatchObject({ oid: alice.oid, tid: tenant.tenantId });
  });

  it('takes the place of another customer’s', async () => {
    await account().keep(signedIn);
    await account().keep(await signInWithCode(tenant, bob.email));
    expect(await account().claims()).toMatchObject({ oid: bob.oid });
  });

  it('is forgotten, usable or not', async () => {
    expect(await account().forget()).toBe(false);
    await account().keep(signedIn);
    await writeFile(path, 'damaged');
    expect(await account().forget()).toBe(true);
    expect(await failure(account().claims())).toMatchObject({
      message: expect.stringContaining('Nobody is signed in'),
    });
  });

  it('that is forgotten during a renewal does not come back', async () => {
    await account().keep(inMinutes(4));
    let forgetting: Promise<boolean> | undefined;
    const refresh = async () => {
      forgetting = account().forget();
      return inMinutes(60);
    };
    await account({ refresh }).accessToken();
    expect(await forgetting).toBe(true);
    expect(await failure(account().claims())).toBeInstanceOf(NotSignedIn);
  });

  it('that was forgotten while a renewal waited is not renewed', async () => {
    await account().keep(inMinutes(4));
    const file = new TokenFile({ path });
    // Another process signs out just before this one has the lock.
    const forgottenMeanwhile: AccountOptions['file'] = {
      read: (owner) => file.read(owner),
      write: (owner, renewed) => file.write(owner, renewed),
      remove: () => file.remove(),
      locked: async (work) => {
        await account().forget();
        return await file.locked(work);
      },
    };
    const work = async () =>
      expect(await failure(account(undefined, forgottenMeanwhile).accessToken())).toBeInstanceOf(NotSignedIn);
    expect(await renewalsOf(work)).toBe(0);
  });
});
