import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededCustomers } from 'entra-local-tenant';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IssuedTokens } from '../../src/entra/issuedTokens.ts';
import { NotSignedIn, Unavailable } from '../../src/headless/errors.ts';
import { PublicAuthProvider } from '../../src/headless/PublicAuthProvider.ts';
import { StoredSignIn } from '../../src/headless/StoredSignIn.ts';
import { TokenFile } from '../../src/headless/TokenFile.ts';
import { type RunningTenant, startTenant } from '../support/startTenant.ts';
import { configFor, http, signInWithCode } from './signIns.ts';

const [alice, bob] = seededCustomers;
let tenant: RunningTenant;
let folder: string;
let path: string;
let tokens: IssuedTokens;
beforeAll(async () => {
  tenant = await startTenant();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stored-'));
  path = join(folder, 'entra-todo', 'tokens.json');
  tokens = await signInWithCode(tenant);
});
afterEach(async () => {
  await tenant.control('reset');
  await rm(folder, { recursive: true });
});
afterAll(() => tenant.stop());

type Given = ConstructorParameters<typeof StoredSignIn>;
const newFile = () => new TokenFile(path, configFor(tenant));

/** The stored sign-in as a new process of the same customer sees it. */
function stored(provider?: Given[1], file: Given[0] = newFile()): StoredSignIn {
  return new StoredSignIn(file, provider ?? new PublicAuthProvider({ config: configFor(tenant), http }));
}

const validFor = (minutes: number): IssuedTokens => ({
  ...tokens,
  accessToken: { ...tokens.accessToken, expiresAt: Date.now() + minutes * 60_000 },
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
  it('is the stored one while it is valid for five more minutes, without a request to the tenant', async () => {
    await stored().store(validFor(6));
    const work = async () => expect(await stored().accessToken()).toBe(tokens.accessToken.token);
    expect(await renewalsOf(work)).toBe(0);
  });

  it('is renewed and stored when it expires sooner', async () => {
    await stored().store(validFor(4));
    const token = await stored().accessToken();
    expect(token).not.toBe(tokens.accessToken.token);
    expect(await renewalsOf(async () => expect(await stored().accessToken()).toBe(token))).toBe(0);
  });

  it('is renewed once for five processes at the same time, which all get the same token', async () => {
    await stored().store(validFor(4));
    const work = async () => {
      const received = await Promise.all(Array.from({ length: 5 }, () => stored().accessToken()));
      expect(new Set(received).size).toBe(1);
    };
    expect(await renewalsOf(work)).toBe(1);
  });

  it('is renewed when the API refuses the stored one, however fresh', async () => {
    await stored().store(validFor(60));
    const token = await stored().accessToken(tokens.accessToken.token);
    expect(token).not.toBe(tokens.accessToken.token);
    expect(await stored().accessToken()).toBe(token);
  });

  it.each([{ todoApiUrl: 'https://other.example' }, { todoApiClientId: crypto.randomUUID() }])(
    'of another API is renewed and not used: %j',
    async (other) => {
      await stored().store(validFor(60));
      const file = new TokenFile(path, { ...configFor(tenant), ...other });
      const refresh = async () => ({ ...tokens, accessToken: { token: 'renewed', expiresAt: Date.now() + 3_600_000 } });
      expect(await stored({ refresh }, file).accessToken()).toBe('renewed');
      expect(await stored({ refresh }, file).accessToken()).toBe('renewed');
    },
  );

  it('is not available before a sign-in', async () => {
    const error = await failure(stored().accessToken());
    expect(error).toBeInstanceOf(NotSignedIn);
    expect(error).toMatchObject({ exitCode: 5, message: expect.stringContaining('sign-in') });
  });

  it('is not available when the tenant has revoked the sign-in', async () => {
    await stored().store(validFor(4));
    await tenant.control('revoke', { email: alice.email });
    expect(await failure(stored().accessToken())).toBeInstanceOf(NotSignedIn);
  });

  it('is available again after the tenant was unavailable, without another sign-in', async () => {
    await stored().store(validFor(4));
    await tenant.control('faults', { name: 'token-500', times: 1 });
    expect(await failure(stored().accessToken())).toBeInstanceOf(Unavailable);
    expect(await stored().accessToken()).toMatch(/^eyJ/);
  });
});

describe('a stored sign-in', () => {
  it('names its customer', async () => {
    expect(await failure(stored().claims())).toBeInstanceOf(NotSignedIn);
    await stored().store(tokens);
    expect(await stored().claims()).toMatchObject({ oid: alice.oid, tid: tenant.tenantId });
  });

  it('replaces another customer’s', async () => {
    await stored().store(tokens);
    await stored().store(await signInWithCode(tenant, bob.email));
    expect(await stored().claims()).toMatchObject({ oid: bob.oid });
  });

  it('can be removed, usable or not', async () => {
    expect(await stored().remove()).toBe(false);
    await stored().store(tokens);
    await writeFile(path, 'damaged');
    expect(await stored().remove()).toBe(true);
    expect(await failure(stored().claims())).toMatchObject({
      message: expect.stringContaining('You are not signed in'),
    });
  });

  it('that is removed during a renewal does not come back', async () => {
    await stored().store(validFor(4));
    let removing: Promise<boolean> | undefined;
    const refresh = async () => {
      removing = stored().remove();
      return validFor(60);
    };
    await stored({ refresh }).accessToken();
    expect(await removing).toBe(true);
    expect(await failure(stored().claims())).toBeInstanceOf(NotSignedIn);
  });

  it('that was removed while a renewal waited is not renewed', async () => {
    await stored().store(validFor(4));
    const file = newFile();
    // Another process signs out just before this one gets the lock.
    const removedMeanwhile: Given[0] = {
      read: () => file.read(),
      write: (renewed) => file.write(renewed),
      remove: () => file.remove(),
      locked: async (work) => {
        await stored().remove();
        return await file.locked(work);
      },
    };
    const work = async () =>
      expect(await failure(stored(undefined, removedMeanwhile).accessToken())).toBeInstanceOf(NotSignedIn);
    expect(await renewalsOf(work)).toBe(0);
  });
});
