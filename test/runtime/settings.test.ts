import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type Environment,
  guid,
  httpUrl,
  isLoopback,
  isProduction,
  parseSettings,
  port,
  productionFields,
  redisUrl,
  SettingsError,
  tenantSubdomain,
  wholeNumber,
} from '../../src/runtime/settings.ts';

const schema = z.object({
  PORT: port.default(3000),
  CLIENT_ID: guid,
  CLIENT_SECRET: z.string().min(8, 'is too short'),
});

function problemsOf(environment: Environment): readonly string[] {
  try {
    parseSettings(schema, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings', () => {
  test('are read into typed values, and an empty variable gets its default', () => {
    const settings = { PORT: ' ', CLIENT_ID: 'AAAAAAAA-1111-2222-3333-444444444444', CLIENT_SECRET: 'long enough' };
    expect(parseSettings(schema, settings)).toEqual({
      PORT: 3000,
      CLIENT_ID: 'aaaaaaaa-1111-2222-3333-444444444444',
      CLIENT_SECRET: 'long enough',
    });
  });

  test('that are wrong are all named at once, without their values', () => {
    const problems = problemsOf({ PORT: 'eighty', CLIENT_SECRET: 's3cret' });
    expect(problems).toEqual([
      'PORT must be a port number, such as 3000',
      'CLIENT_ID is missing',
      'CLIENT_SECRET is too short',
    ]);
    expect(new SettingsError(problems).message).toMatch(/^The settings cannot be used:\n {2}- PORT must/);
    expect(new SettingsError(problems).message).toMatch(/\nSet them in the environment or in \.env; .+ each\.$/);
    expect(new SettingsError(problems, 'Mend the file.').message).toMatch(/is too short\nMend the file\.$/);
  });
});

describe('production', () => {
  const production = z.object(productionFields);

  test('refuses to run without Redis, with a metadata URL, or with TLS verification off', () => {
    const wrong = { METADATA_URL: 'http://localhost:3002', NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    expect(() => parseSettings(production, wrong)).toThrow(
      /^The settings[\s\S]+REDIS_URL is missing\n.+METADATA_URL is for the local.+\n.+NODE_TLS_REJECT_UNAUTHORIZED turns off/,
    );
  });

  test('accepts complete settings', () => {
    const right = {
      REDIS_URL: 'rediss://cache.example.com:10000',
      NODE_TLS_REJECT_UNAUTHORIZED: '1',
      METADATA_URL: '',
    };
    expect(() => parseSettings(production, right)).not.toThrow();
  });

  test('is what NODE_ENV says it is, and nothing else', () => {
    expect(isProduction({ NODE_ENV: 'production' })).toBe(true);
    expect([isProduction({}), isProduction({ NODE_ENV: 'development' })]).toEqual([false, false]);
  });
});

describe('a field', () => {
  const accepted: [string, string, z.ZodType, unknown][] = [
    ['port', '0', port, 0],
    ['port', '65535', port, 65535],
    ['guid', ' 0A9B8C7D-6e5f-4a3b-9c2d-1e0f2a3b4c5d ', guid, '0a9b8c7d-6e5f-4a3b-9c2d-1e0f2a3b4c5d'],
    ['tenant subdomain', ' Contoso ', tenantSubdomain, 'contoso'],
    ['URL', 'https://www.example.com/', httpUrl, 'https://www.example.com'],
    ['URL', 'http://localhost:3001', httpUrl, 'http://localhost:3001'],
    ['whole number', '1', wholeNumber(1, 60), 1],
    ['whole number', '60', wholeNumber(1, 60), 60],
  ];
  test.each(accepted)('%s takes %j', (_name, given, field, expected) => {
    expect(field.parse(given)).toBe(expected);
  });

  const refused: [string, string, z.ZodType][] = [
    ['port', '65536', port],
    ['port', '-1', port],
    ['port', '3000.5', port],
    ['port', '0x50', port],
    ['guid', 'contoso', guid],
    ['guid', '0a9b8c7d6e5f4a3b9c2d1e0f2a3b4c5d', guid],
    ['tenant subdomain', 'contoso.onmicrosoft.com', tenantSubdomain],
    ['tenant subdomain', 'evil.example/', tenantSubdomain],
    ['Redis URL', 'localhost:6379', redisUrl],
    ['Redis URL', 'http://localhost:6379', redisUrl],
    ['Redis URL', 'redis://', redisUrl],
    ['URL', 'www.example.com', httpUrl],
    ['URL', 'javascript:alert(1)', httpUrl],
    ['whole number', '0', wholeNumber(1, 60)],
    ['whole number', '61', wholeNumber(1, 60)],
    ['whole number', '1e1', wholeNumber(1, 60)],
    ['whole number', '١', wholeNumber(1, 60)],
  ];
  test.each(refused)('%s refuses %j and says what it must be', (_name, given, field) => {
    const result = field.safeParse(given);
    expect(result.success).toBe(false);
    expect(result.error?.issues.map(({ message }) => message).join()).toMatch(/^must be /);
  });

  test.each(['pa/ss', 'pa#ss', 'pa?ss', '12/34', '12#34', 'pa ss', 'pa%ss', '/', 'a@b/c'])(
    'a Redis URL with the password %s is refused: its message says how to write it, and not what it is',
    (password) => {
      for (const user of ['', 'todo']) {
        const { error } = redisUrl.safeParse(`rediss://${user}:${password}@cache.example.com:10000`);
        const message = error?.issues.map(({ message }) => message).join() ?? '';
        expect(message).toMatch(/write \/ # \? @ % as %2F %23 %3F %40 %25$/);
        expect(message).not.toContain('cache');
      }
    },
  );

  test.each(['p%2Fa%23s%3Fs%25', 'with:colon', 'with@sign', 'ä', 'a+b=c&d'])(
    'a Redis URL takes the password %s',
    (password) => {
      const url = `rediss://todo:${password}@cache.example.com:10000/0`;
      expect(redisUrl.parse(url)).toBe(url);
    },
  );

  test.each([
    ['https://user:secret@example.com', /^must not contain a user name, a password or @$/],
    ['https://user:12/34@example.com', /^must not contain a user name, a password or @$/],
    ['https://user:pa#ss@example.com', /^must not contain a user name, a password or @$/],
    ['https://example.com/?a=1', /^must not contain a query \(\?\) or a fragment \(#\)$/],
    ['https://example.com/#a', /^must not contain a query \(\?\) or a fragment \(#\)$/],
  ])('a URL refuses %s and says which part', (given, message) => {
    expect(
      httpUrl
        .safeParse(given)
        .error?.issues.map((issue) => issue.message)
        .join(),
    ).toMatch(message);
  });

  test.each([
    ['http://localhost:3002/a', true],
    ['http://127.0.0.1', true],
    ['http://[::1]:3002', true],
    ['http://localhost.example.com', false],
    ['http://127.0.0.1.example.com', false],
  ])('%s is on this machine: %s', (url, expected) => {
    expect(isLoopback(url)).toBe(expected);
  });
});
