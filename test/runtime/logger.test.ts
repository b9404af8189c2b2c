import { describe, expect, test } from 'vitest';
import { createLogger, errorFields } from '../../src/runtime/logger.ts';

function logged(format: 'json' | 'text') {
  const lines: string[] = [];
  return { lines, log: createLogger('web', format, (line) => lines.push(line)) };
}

const forged = 'all is well\n12:00:00 web    ERROR forged\r\u001b[31m\u009b2K\u0085\u2028\u2029\u202e\u2066';

describe('a log line', () => {
  test('as text has the time, the program, the level when it matters, the message and its fields, quoted where they need it', () => {
    const { lines, log } = logged('text');
    log.info('GET "/todos"', { status: 200, user: undefined });
    log.warn('slow', { path: '/a b', method: 'GET' });
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d web {4}GET "\/todos" status=200$/);
    expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d web {4}WARN slow path="\/a b" method=GET$/);
  });

  test('as JSON is one object with the time, the level, the program, the message and its fields', () => {
    const { lines, log } = logged('json');
    log.error('Redis unavailable', { retries: 3, user: undefined });
    const { time, ...rest } = JSON.parse(lines[0] ?? '');
    expect(new Date(time).toISOString()).toBe(time);
    expect(rest).toEqual({ level: 'error', program: 'web', message: 'Redis unavailable', retries: 3 });
  });

  test.each(['text', 'json'] as const)('as %s stays one line, whatever its message and values hold', (format) => {
    const { lines, log } = logged(format);
    log.info(forged, { agent: forged });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    if (format === 'json') expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: forged, agent: forged });
  });
});

describe('the log fields of an error', () => {
  test('are its class, message and code and those of its cause, without the stack', () => {
    const cause = new TypeError('fetch failed');
    const error = Object.assign(new Error('tenant is away', { cause }), { code: 'ECONNREFUSED', secret: 's3cret' });
    expect(errorFields(error)).toEqual({
      error: 'Error: tenant is away',
      code: 'ECONNREFUSED',
      cause: 'TypeError: fetch failed',
    });
  });

  test('cuts a message that repeats its input', () => {
    expect(errorFields(new Error('x'.repeat(16_000))).error).toHaveLength('Error: '.length + 300);
  });

  test('are its class when it has no message', () => {
    class TimeoutError extends Error {}
    expect(errorFields(new TimeoutError())).toMatchObject({ error: 'TimeoutError' });
  });

  test('are only the type of a thrown value that is not an error', () => {
    expect(errorFields('a token')).toEqual({ error: 'string' });
    expect(errorFields(null)).toEqual({ error: 'object' });
  });
});
