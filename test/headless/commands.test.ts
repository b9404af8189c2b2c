import { describe, expect, test } from 'vitest';
import { CommandError, NotDone } from '../../src/entra/terminal/CommandError.ts';
import { CodeExpired, NotSignedIn, Unavailable } from '../../src/headless/errors.ts';
import { claims, code, ok, owner, run, signedIn, todo } from './runCommand.ts';

describe('sign-in', () => {
  test('shows the page and the code on standard error, stores the tokens, and says who signed in', async () => {
    const { out, err, stored } = await run(['sign-in']);
    expect(err).toContain(`\nPage  ${code.verificationPage}\nCode  ABCDEFGHI\n`);
    expect(err).toContain('Waiting until 2026-03-01T12:15:00Z.\n');
    expect(out).toBe('Signed in as Alice Archer.\n');
    expect(stored).toEqual([signedIn]);
  });

  test('is two lines of JSON for a program', async () => {
    const { out, err } = await run(['sign-in'], { format: 'json' });
    const { userCode, verificationPage } = code;
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { event: 'code', userCode, verificationPage, expiresAt: '2026-03-01T12:15:00.000Z' },
      { event: 'signedIn', oid: owner, name: 'Alice Archer' },
    ]);
    expect(err).toBe('');
  });

  test('with the browser opens the address and prints it too', async () => {
    const opened: string[] = [];
    const { err, stored } = await run(['sign-in', '--browser'], { openBrowser: (url) => void opened.push(url) });
    expect(opened).toEqual(['https://contoso.ciamlogin.com/authorize?state=1']);
    expect(err).toContain(`\n${opened[0]}\n`);
    expect(stored).toEqual([signedIn]);
  });

  test('that fails stores nothing and prints no result', async () => {
    const fails = async () => {
      throw new CodeExpired('The code has expired.');
    };
    const { out, stored, thrown } = await run(['sign-in'], {
      auth: { signInWithDeviceCode: fails, signInWithBrowser: fails },
    });
    expect(thrown).toBeInstanceOf(CodeExpired);
    expect([out, stored]).toEqual(['', []]);
  });
});

describe('to-dos', () => {
  test('are listed with their numbers', async () => {
    const answers = [ok([todo(3, 'Buy milk'), todo(12, 'Sleep')])];
    expect((await run(['list'], { answers })).out).toBe('3   Buy milk\n12  Sleep\n');
    expect(JSON.parse((await run(['list'], { answers, format: 'json' })).out)).toHaveLength(2);
  });

  test('of a long list are read page by page, and printed with the newest last', async () => {
    const many = Array.from({ length: 450 }, (_, index) => todo(index + 1, 'Sleep'));
    const { out, asked } = await run(['list'], { answers: [ok(many)], format: 'json' });
    expect(JSON.parse(out)).toEqual(many);
    expect(asked).toHaveLength(3);
  });

  test('an empty list prints no result, and a hint', async () => {
    const { out, err } = await run(['list'], { answers: [ok([])] });
    expect([out, err]).toEqual(['', 'No to-dos. Add one: todo add Buy milk\n']);
    expect((await run(['list'], { answers: [ok([])], format: 'json' })).out).toBe('[]\n');
  });

  test('are added, changed and removed', async () => {
    const added = await run(['add', 'Buy', 'milk'], { answers: [ok(todo(3, 'Buy milk'), 201)] });
    expect(added.out).toBe('Added 3: Buy milk\n');
    expect(added.asked).toEqual(['POST /api/todolist Bearer first-token {"description":"Buy milk"}']);
    const changed = await run(['change', '3', 'Sleep']);
    expect(changed.out).toBe('Changed 3: Sleep\n');
    expect(changed.asked).toEqual(['PUT /api/todolist/3 Bearer first-token {"description":"Sleep"}']);
    const removed = await run(['remove', '3'], { format: 'json' });
    expect(removed.out).toBe('{"id":3}\n');
    expect(removed.asked).toEqual(['DELETE /api/todolist/3 Bearer first-token']);
  });

  test('a token that the API refuses is renewed once', async () => {
    const { asked, thrown } = await run(['remove', '3'], { answers: [{ status: 401 }, { status: 204 }] });
    expect(thrown).toBeUndefined();
    expect(asked).toEqual(['DELETE /api/todolist/3 Bearer first-token', 'DELETE /api/todolist/3 Bearer second-token']);
  });

  test.each([
    [{ status: 401 }, NotSignedIn, 'Sign in again: todo sign-in', 2],
    [{ status: 403 }, NotDone, 'Ask an administrator to grant it ToDoList.Read and ToDoList.ReadWrite', 1],
    [{ status: 404 }, NotDone, 'There is no to-do 3. To see the numbers: todo list', 1],
    [ok({ detail: 'Use one line.' }, 400), NotDone, 'Use one line.', 1],
    [ok({ detail: 'Full.\u001b[2J' }, 409), NotDone, 'Full.\\u001b[2J', 1],
    [{ status: 413 }, NotDone, 'refused this text', 1],
    [{ status: 503, retryAfterSeconds: 7 }, Unavailable, 'Try again in 7 s.', 1],
    [{ status: 429, retryAfterSeconds: 9 }, Unavailable, 'Too many requests to the to-do API. Try again in 9 s.', 1],
    [{ status: 500 }, Unavailable, 'The to-do API is unavailable. Try again later.', 1],
    [new Error('ECONNREFUSED'), Unavailable, 'The to-do API is unavailable.', 1],
  ])('the answer %j becomes an error that says what to do', async (answer, kind, message, requests) => {
    const { out, thrown, asked } = await run(['change', '3', 'Sleep'], { answers: [answer] });
    expect(thrown).toBeInstanceOf(kind);
    expect(thrown).toMatchObject({ message: expect.stringContaining(message) });
    expect(asked).toHaveLength(requests);
    expect(out).toBe('');
  });

  test('a wrong API address is not reported as a missing to-do', async () => {
    const { thrown } = await run(['list'], { answers: [{ status: 404 }] });
    expect(thrown).toMatchObject({ name: 'NotDone', message: expect.stringContaining('TODO_API_URL') });
  });

  test('without a sign-in, no request is sent to the API', async () => {
    const refuse = async () => {
      throw new NotSignedIn('Sign in: todo sign-in');
    };
    const { thrown, asked } = await run(['list'], { storedSignIn: { accessToken: refuse } });
    expect(thrown).toBeInstanceOf(NotSignedIn);
    expect(asked).toEqual([]);
  });
});

describe('claims', () => {
  test('are shown by name, with values other than text as JSON', async () => {
    const { out } = await run(['claims']);
    expect(out).toContain('name  Alice Archer\n');
    expect(out).toContain('amr   ["pwd"]\n');
    expect(JSON.parse((await run(['claims'], { format: 'json' })).out)).toEqual(claims);
  });

  test('that hold a time show it as a date, if it is valid', async () => {
    const odd = { ...claims, iat: 1_772_367_300, exp: 1e300, auth_time: 1_772_367_300.5 };
    const { out } = await run(['claims'], { storedSignIn: { claims: async () => odd } });
    expect(out).toMatch(/^iat +1772367300 \(2026-03-01T12:15:00Z\)$/m);
    expect(out).toMatch(/^exp +1e\+300$/m);
  });
});

describe('add -', () => {
  const answers = [ok(todo(1, 'Buy milk'), 201), ok(todo(2, 'Sleep'), 201)];

  test.each([
    ['with LF', 'Buy milk\nSleep\n'],
    ['with CRLF, a byte order mark and blank lines', '\ufeffBuy milk\r\n\r\n  \r\nSleep'],
  ])('adds a to-do for each line, %s', async (_how, input) => {
    const { out, asked } = await run(['add', '-'], { input, answers });
    expect(out).toBe('Added 1: Buy milk\nAdded 2: Sleep\n');
    expect(asked).toEqual(
      ['Buy milk', 'Sleep'].map((text) => `POST /api/todolist Bearer first-token {"description":"${text}"}`),
    );
  });

  test('prints one JSON array, even for no lines at all', async () => {
    const { out } = await run(['add', '-', '--json'], { input: 'Buy milk\nSleep', answers, format: 'json' });
    expect(JSON.parse(out)).toEqual([todo(1, 'Buy milk'), todo(2, 'Sleep')]);
    expect((await run(['add', '-'], { format: 'json' })).out).toBe('[]\n');
  });

  test('sends nothing when one of the lines cannot be a to-do', async () => {
    const { thrown, asked } = await run(['add', '-'], { input: `Buy milk\n\n${'x'.repeat(501)}\n`, answers });
    expect(thrown).toMatchObject({
      name: 'NotDone',
      message: 'Line 3: Use at most 500 characters. Nothing was added.',
    });
    expect(asked).toEqual([]);
  });

  test('says what was added before the API failed', async () => {
    const { out, err, thrown } = await run(['add', '-'], {
      input: 'Buy milk\nSleep\nRead',
      answers: [...answers, { status: 503 }],
    });
    expect(out).toBe('Added 1: Buy milk\nAdded 2: Sleep\n');
    expect(err).toBe('Added 2 of 3.\n');
    expect(thrown).toBeInstanceOf(Unavailable);
  });

  test('stops between two lines when it is interrupted', async () => {
    const { thrown, asked } = await run(['add', '-'], { input: 'Buy milk', answers, signal: AbortSignal.abort() });
    expect(asked).toEqual([]);
    expect(thrown).not.toBeInstanceOf(CommandError);
  });
});

test('sign-out says whether the customer was signed in', async () => {
  expect((await run(['sign-out'])).out).toMatch(/^Signed out\./);
  const storedSignIn = { remove: async () => false };
  expect((await run(['sign-out'], { storedSignIn })).out).toBe('You were not signed in.\n');
  expect((await run(['sign-out'], { storedSignIn, format: 'json' })).out).toBe('{"wasSignedIn":false}\n');
});

test('help and version are results', async () => {
  expect((await run(['--help'])).out).toMatch(
    /^Your to-dos, in the terminal\.\n\ntodo sign-in\n {4}Sign in with a code/,
  );
  expect((await run(['--version'])).out).toBe('1.2.3\n');
  expect((await run(['--version'], { format: 'json' })).out).toBe('{"version":"1.2.3"}\n');
});
