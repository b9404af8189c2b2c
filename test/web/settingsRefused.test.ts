import { describe, expect, it } from 'vitest';
import { complete, expectRefused, guid, problemsOf, secret } from './webSettings.ts';

describe('readWebConfig', () => {
  it('names every wrong setting at once, each with what it must be', () => {
    const wrong = { ...complete, PORT: 'http', TENANT_SUBDOMAIN: 'contoso.com', SESSION_SECRET: 'x', REDIS_URL: 'x' };
    const problems = problemsOf(wrong);
    expect(problems).toHaveLength(4);
    for (const problem of problems) expect(problem).toContain('must be');
  });

  it.each([
    ['PORT', '-1 | 65536 | 3000.5 | 0x50 | 1e3 | http | 99999 | 3000 3001 | １２'],
    ['TENANT_SUBDOMAIN', `fabrikam.onmicrosoft.com | https://contoso | con toso | -x | ${'x'.repeat(64)} | a/b | a@b`],
    [
      'TENANT_ID',
      `contoso | ${guid.slice(1)} | {${guid}} | ${guid.replaceAll('-', '')} | ${guid}/x | g${guid.slice(1)}`,
    ],
    [
      'TENANT_DOMAIN',
      'https://sign.example.com | sign.example.com/x | intranet | 10.0.0.1 | a..b | x@sign.example.com',
    ],
    ['CLIENT_SECRET', `${guid} | ${guid.toUpperCase()}`],
    ['CLIENT_ID', `my app | ${guid.slice(1)}`],
    ['TODO_API_CLIENT_ID', `my app | api://${guid}`],
    ['SESSION_SECRET', `short | ${'x'.repeat(31)} | ${secret},short | ${secret}, | ,${secret} | ${','.repeat(40)}`],
    ['BASE_URL', 'http://app.example.com | http://localhost.example.com | app.example.com | //app.example.com'],
    ['BASE_URL', 'https://app.example.com/path | http://localhost:3000/x | https://a:b@app.example.com | ftp://x.y'],
    ['BASE_URL', 'https://app.example.com?x=1 | https://app.example.com#x | https://# | https:// x | javascript:x'],
    ['METADATA_URL', 'http://tenant.example.com/x | https://localhost.evil.example | http://localhost@evil.example'],
    ['METADATA_URL', 'http://0.0.0.0:3002/ | http://127.0.0.2/ | file:///localhost | localhost:3002 | http://[::2]/'],
    ['REDIS_URL', 'localhost:6379 | http://localhost:6379 | redis:///0 | redis://a b | redis://h:99999 | redis:// h'],
    ['TRUST_PROXY', 'true | loopback | -1 | 6 | 1.5 | 10.0.0.0/8'],
    ['SESSION_IDLE_MINUTES', '0 | 1 | 1441 | -5 | ten | 60m | 1e2'],
    ['SESSION_ABSOLUTE_HOURS', '0 | 169 | 1.5 | day'],
    ['SIGN_INS_PER_MINUTE', '0 | 4 | 1000001 | many'],
    ['TOKEN_CALLS_PER_SECOND', '0 | 10001 | -1'],
    ['TODO_API_URL', 'api.example.com | https://a:b@api.example.com | https://api.example.com/?x=1 | x:y'],
  ])('refuses a %s of %s, and does not repeat it', (name, values) => {
    for (const value of values.split(' | ')) expectRefused({ ...complete, [name]: value }, name);
  });
});
