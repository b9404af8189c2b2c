import { describe, expect, it } from 'vitest';
import { describeClaims } from '../../src/web/claims.ts';

const [oid, tid] = ['a1c2e3f4-1111-4222-8333-444455556666', '5f4d1a2b-9d0c-4b7e-8a61-0c9f3e2d7b55'];

function describeOne(name: string, value: unknown) {
  const [described, ...others] = describeClaims({ [name]: value });
  expect(others).toEqual([]);
  if (!described) throw new Error(`${name} was not described`);
  return described;
}

describe('describeClaims', () => {
  it('lists the customer first, then the token, then what the tenant added', () => {
    const claims = {
      loyalty: 'gold',
      ver: '2.0',
      aio: 'x',
      iat: 1,
      iss: 'i',
      sub: 's',
      tid,
      oid,
      email: 'e',
      name: 'n',
    };
    const names = describeClaims(claims).map(({ name }) => name);
    expect(names).toEqual(['name', 'email', 'oid', 'tid', 'sub', 'iss', 'iat', 'ver', 'aio', 'loyalty']);
  });

  it.each(
    `aud iss iat nbf exp sub tid ver oid name preferred_username nonce rh uti aio sid email idp roles c_hash at_hash acrs
     auth_time login_hint acct ctry tenant_ctry tenant_region_scope verified_primary_email xms_edov xms_pl xms_tpl pwd_exp
     ipaddr upn family_name given_name`.split(/\s+/),
  )('explains %s and says whether it is safe to use as an identifier', (name) => {
    const { meaning, identifier } = describeOne(name, 'x');
    expect(meaning).not.toContain('Added by');
    expect(identifier?.reason).toMatch(/^[A-Z].+\.$/);
    expect(identifier?.suitable).toBe(name === 'oid' || name === 'sub');
  });

  it('says that oid is an identifier together with tid, and sub within this app only', () => {
    expect(describeOne('oid', oid).identifier?.reason).toContain('Together with tid');
    expect(describeOne('sub', 's').identifier?.reason).toContain('Only within this app');
  });

  it('lists an unknown claim as added by the tenant, without advice on identifiers', () => {
    expect(describeOne('loyalty', 'gold')).toEqual({
      name: 'loyalty',
      value: 'gold',
      meaning: 'Added by this tenant’s configuration.',
      identifier: undefined,
    });
  });

  it('shows a time beside its number', () => {
    expect(describeOne('exp', 1_795_179_900).value).toBe('1795179900 (2026-11-20T13:05:00Z)');
  });

  it.each([8.64e15, Number.NaN, Number.POSITIVE_INFINITY])('shows %s, which is not a time, unchanged', (seconds) => {
    expect(describeOne('exp', seconds).value).toBe(String(seconds));
  });

  it.each([
    ['soon', 'soon'],
    [null, 'null'],
    [['a', 1], '["a",1]'],
  ])('shows a time claim that is %j as the token has it', (value, shown) => {
    expect(describeOne('iat', value).value).toBe(shown);
  });

  it.each([
    ['', ''],
    ['<b>"text"</b>', '<b>"text"</b>'],
    [0, '0'],
    [false, 'false'],
    [null, 'null'],
    [undefined, 'undefined'],
    [['a', 'b'], '["a","b"]'],
    [{ toString: 1 }, '{"toString":1}'],
    [{ toJSON: 'x', valueOf: null }, '{"toJSON":"x","valueOf":null}'],
    [Symbol('s'), 'Symbol(s)'],
    [10n, '(a value that cannot be shown)'],
  ])('A-83 shows %o as text', (value, shown) => {
    expect(describeOne('extra', value).value).toBe(shown);
  });

  it('A-83 shows a value nested 50 deep, and does not throw for a deeper or circular one', () => {
    const nested = (depth: number) => {
      let value: unknown = 'end';
      for (let level = 0; level < depth; level += 1) value = { in: value };
      return value;
    };
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(describeOne('extra', nested(50)).value).toMatch(/^\{"in":.*"end"\}{50}$/);
    expect(describeOne('extra', nested(100_000)).value).toBe('(a value that cannot be shown)');
    expect(describeOne('extra', circular).value).toBe('(a value that cannot be shown)');
  });

  it('A-84 lists 300 claims', () => {
    const claims = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`claim_${index}`, index]));
    expect(describeClaims(claims)).toHaveLength(300);
  });

  it('A-84 treats names of built-in properties as ordinary claims, and shows only those that are present', () => {
    const claims: Record<string, unknown> = JSON.parse('{"__proto__":{"name":"x"},"constructor":"c","toString":"t"}');
    const described = describeClaims(claims).map(({ name, value }) => [name, value]);
    expect(described).toEqual([
      ['__proto__', '{"name":"x"}'],
      ['constructor', 'c'],
      ['toString', 't'],
    ]);
    expect('name' in {}).toBe(false);
    expect(describeClaims(Object.create({ email: 'inherited' }))).toEqual([]);
  });

  it('cuts names and values at 2,000 characters with a mark, never inside a character', () => {
    expect(describeOne('extra', 'a'.repeat(2_000)).value).toBe('a'.repeat(2_000));
    expect(describeOne('extra', 'a'.repeat(2_001)).value).toBe(`${'a'.repeat(2_000)}… (cut)`);
    expect(describeOne('extra', `${'a'.repeat(1_999)}😀`).value).toBe(`${'a'.repeat(1_999)}… (cut)`);
    expect(describeOne('n'.repeat(5_000), 1).name).toBe(`${'n'.repeat(2_000)}… (cut)`);
  });
});
