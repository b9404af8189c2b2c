import { describe, expect, it } from 'vitest';
import { type AppCertificate, readAppCertificate } from '../../../src/entra/credentials/appCertificate.ts';
import { CertificateSource } from '../../../src/entra/credentials/CertificateSource.ts';
import { CredentialUnavailable, CredentialUnusable } from '../../../src/entra/credentials/credential.ts';
import { makeCertificate } from '../../support/certificates.ts';
import { until } from '../../support/system.ts';

const certificateOf = (pem: string) => readAppCertificate(Buffer.from(pem), undefined);
const [old, newer] = [await certificateOf(makeCertificate().pem), await certificateOf(makeCertificate().pem)];
const hour = 3_600_000;
const minute = 60_000;

/** A store that answers what `next` says, a clock that a test moves, and all that was logged. */
function setUp(next: () => Promise<AppCertificate>) {
  const state = { next, reads: 0, now: 0, logged: [] as string[] };
  const keep = (level: string) => (message: string, fields?: object) =>
    void state.logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const store = {
    name: 'test certificate',
    freshMs: 6 * hour,
    read: () => {
      state.reads += 1;
      return state.next();
    },
  };
  const log = { info: keep('info'), warn: keep('warn'), error: keep('error') };
  return { state, source: new CertificateSource({ store, log, now: () => state.now }) };
}

const gives = (certificate: AppCertificate) => async () => certificate;
const fails = (error: Error) => () => Promise.reject(error);
const away = fails(new CredentialUnavailable('the store is away'));
const asCredential = ({ thumbprint, privateKey }: AppCertificate) => ({
  clientCertificate: { thumbprintSha256: thumbprint, privateKey },
});

describe('CertificateSource', () => {
  it('returns the certificate without reading again while it is fresh', async () => {
    const { state, source } = setUp(gives(old));
    await source.start();
    state.now += 6 * hour - 1;
    expect(await source.current()).toEqual(asCredential(old));
    expect([state.reads, source.ready()]).toEqual([1, true]);
    expect(state.logged).toEqual([expect.stringContaining(old.thumbprint)]);
  });

  it('returns the newer one when it is due, without making callers wait for it', async () => {
    const { state, source } = setUp(gives(old));
    await source.start();
    state.now += 6 * hour;
    let answer: (certificate: AppCertificate) => void = () => {};
    state.next = () => new Promise((resolve) => (answer = resolve));
    expect(await source.current()).toEqual(asCredential(old));
    answer(newer);
    await until(async () => (await source.current()) !== undefined && state.logged.length === 2);
    expect(await source.current()).toEqual(asCredential(newer));
    expect(state.logged[1]).toMatch(/new certificate/);
  });

  it.each([
    ['is away', away],
    ['holds what cannot serve', fails(new CredentialUnusable('it expired on 2026-01-01'))],
    ['fails', fails(new TypeError('unforeseen'))],
  ])('keeps the last good one while the store %s, warns once, and looks once a minute', async (_name, failing) => {
    const { state, source } = setUp(gives(old));
    await source.start();
    state.next = failing;
    state.now += 6 * hour;
    for (let look = 2; look < 5; look += 1) {
      await source.current();
      await until(() => state.reads === look);
      expect(await source.current()).toEqual(asCredential(old));
      state.now += minute;
    }
    expect(state.logged.filter((line) => line.startsWith('warn'))).toHaveLength(1);
    expect(source.ready()).toBe(true);
  });

  it('refuses to start with an unusable certificate, and says why', async () => {
    const { source } = setUp(fails(new CredentialUnusable('it expired on 2026-01-01')));
    await expect(source.start()).rejects.toThrow('the test certificate cannot be used: it expired on 2026-01-01');
  });

  it('starts while the store is unavailable, is not ready, and asks again after five seconds', async () => {
    const { state, source } = setUp(away);
    await source.start();
    await expect(source.current()).rejects.toThrow(CredentialUnavailable);
    state.now += 4_999;
    expect([source.ready(), state.reads]).toEqual([false, 1]);
    state.now += 1;
    state.next = gives(old);
    expect(source.ready()).toBe(false);
    await until(() => source.ready());
    expect([state.reads, await source.current()]).toEqual([2, asCredential(old)]);
  });

  it('reads once for all who wait', async () => {
    const { state, source } = setUp(gives(old));
    await Promise.all([source.current(), source.current(), source.current()]);
    expect(state.reads).toBe(1);
  });
});

describe('a certificate that the tenant refuses', () => {
  it('is replaced by a newer one from the store, for all who were refused', async () => {
    const { state, source } = setUp(gives(old));
    const refused = await source.current();
    state.next = gives(newer);
    expect(await Promise.all([source.renew(refused), source.renew(refused)])).toEqual([true, true]);
    expect(await source.renew(refused)).toBe(true);
    expect([state.reads, await source.current()]).toEqual([2, asCredential(newer)]);
  });

  it('causes one read of the store a minute, not one for every customer', async () => {
    const { state, source } = setUp(gives(old));
    const refused = await source.current();
    expect(await source.renew(refused)).toBe(false);
    state.now += minute - 1;
    expect(await source.renew(refused)).toBe(false);
    expect(state.reads).toBe(2);
    state.now += 1;
    expect(await source.renew(refused)).toBe(false);
    expect(state.reads).toBe(3);
  });
});

describe('the expiry of a certificate', () => {
  const endsIn = (days: number) => ({ ...old, expiresAt: Date.now() + days * 24 * hour + minute });

  it('is logged as a warning from 30 days before, at start and once a day', async () => {
    const { state, source } = setUp(gives(endsIn(29)));
    const warnings = () => state.logged.filter((line) => line.startsWith('warn')).length;
    await source.start();
    expect(warnings()).toBe(1);
    for (const expected of [1, 1, 1, 2]) {
      state.now += 6 * hour;
      const { reads } = state;
      await source.current();
      await until(() => state.reads > reads && warnings() === expected);
    }
  });

  it('is not logged earlier', async () => {
    const { state, source } = setUp(gives(endsIn(30)));
    await source.start();
    expect(state.logged.filter((line) => !line.startsWith('info'))).toEqual([]);
  });

  it('is logged as an error afterwards, while the certificate is still used', async () => {
    const { state, source } = setUp(gives(endsIn(-1)));
    await source.start();
    expect(state.logged.at(-1)).toMatch(/^error The app's certificate has expired/);
  });
});
