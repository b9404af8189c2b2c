import { expect } from 'vitest';
import { type Environment, SettingsError } from '../../src/runtime/settings.ts';
import { readWebConfig } from '../../src/web/config.ts';

export const guid = '11111111-2222-4333-8444-555555555555';
export const secret = 'f8Kq2vXw7ZbN4mLpR9sTyUcEaHdJgQ0i';
export const complete = {
  TENANT_SUBDOMAIN: 'contoso',
  TENANT_ID: guid,
  CLIENT_ID: guid,
  CLIENT_SECRET: 'the-client-secret',
  SESSION_SECRET: secret,
  TODO_API_CLIENT_ID: guid,
};
export const production = {
  ...complete,
  NODE_ENV: 'production',
  BASE_URL: 'https://app.example.com',
  REDIS_URL: 'rediss://:redis-password@redis.example.com:6380',
  TODO_API_URL: 'https://api.example.com',
};

export function problemsOf(environment: Environment): readonly string[] {
  try {
    readWebConfig(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  throw new Error('the settings were accepted');
}

/** Expects one problem, with this setting, that does not repeat its value. */
export function expectRefused(environment: Environment, name: string): void {
  const problems = problemsOf(environment);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^${name} \\S`));
  const value = environment[name]?.trim() ?? '';
  if (value.length > 2) expect(problems[0]).not.toContain(value);
}
