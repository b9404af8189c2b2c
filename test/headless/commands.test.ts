import { describe, expect, test } from 'vitest';
import { CodeExpired, HeadlessError, NotDone, NotSignedIn, Unavailable } from '../../src/headless/errors.ts';
import { claims, code, ok, owner, run, signedIn, todo } from './runCommand.ts';

describe('sign-in', () => {
  test('shows page and code beside the result, keeps what it got, and says who it is', async () => {
    const { out, err, kept } = await run(['sign-in']);
    expect(err).toContain(`\nPage  ${code.verificationPage}\nCode  ABCDEFGHI\n`);
    expect(err).toContain('Waiting until 2026-03-01T12:15:00Z.\n');
    expect(out).toBe('Signed in as Alice Archer.\n');
    expect(kept).toEqual([signedIn]);
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

  test('with the browser prints the address as well as opening it', async () => {
    const opened: string[] = [];
    const { err, kept } = await run(['sign-in', '--browser'], { openBrowser: (url) => void opened.push(url) });
    expect(opened).toEqual(['https://contoso.ciamlogin.com/authorize?state=1']);
    expect(err).toContain(`\n${opened[0]}\n`);
    expect(kept).toEqual([signedIn]);
  });

  test('that fails keeps nothing and says nothing', async () => {
    const fails = async () => {
      throw new CodeExpired('The code has expired.');
    };
    const { out, kept, thrown } = await run(['sign-in'], {
      auth: { signInWithDeviceCode: fails, signInWithBrowser: fails },
    });
    expect(thrown).toBeInstanceOf(CodeExpired);
    expect([out, kept]).toEqual(['', []]);
  });
});

describe('to-dos', () => {
  test('are listed with their numbers', async () => {
    const answers = [ok([todo(3, 'Buy milk'), todo(12, 'Sleep')])];
    expect((await run(['list'], { answers })).out).toBe('3   Buy milk\n12  Sleep\n');
    expect(JSON.parse((await run(['list'], { answers, format: 'json' })).out)).toHaveLength(2);
  });

  test('an empty list is an empty result and a hint', async () => {
    const { out, err } = await run(['list'], { answers: [ok([])] });
    expect([out, err]).toEqual(['', 'Nothing to do. Add something: todo add Buy milk\n']);
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

  test('a token that is not taken is renewed once', async () => {
    const { asked, thrown } = await run(['remove', '3'], { answers: [{ status: 401 }, { status: 204 }] });
    expect(thrown).toBeUndefined();
    expect(asked).toEqual(['DELETE /api/todolist/3 Bearer first-token', 'DELETE /api/todolist/3 Bearer second-token']);
  });

  test.each([
    [{ status: 401 }, NotSignedIn, 'Sign in again: todo sign-in', 2],
    [
      { status: 403 },
      NotDone,
      'Ask an administrator of the tenant to grant it ToDoList.Read and ToDoList.ReadWrite',
      1,
    ],
    [{ status: 404 }, NotDone, 'There is no to-do 3. Your numbers: todo list', 1],
    [ok({ detail: 'Use one line.' }, 400), NotDone, 'Use one line.', 1],
    [ok({ detail: 'Full.\u001b[2J' }, 409), NotDone, 'Full.?[2J', 1],
    [{ status: 413 }, NotDone, 'does not take this text', 1],
    [{ status: 503, retryAfterSeconds: 7 }, Unavailable, 'Try again in 7 s.', 1],
    [{ status: 429, retryAfterSeconds: 9 }, Unavailable, 'no more from you just now. Try again in 9 s.', 1],
    [{ status: 500 }, Unavailable, 'The to-do API is away. Try again in a while.', 1],
    [new Error('ECONNREFUSED'), Unavailable, 'The to-do API is away.', 1],
  ])('the answer %j is told as what to do', async (answer, kind, message, requests) => {
    const { out, thrown, asked } = await run(['change', '3', 'Sleep'], { answers: [answer] });
    expect(thrown).toBeInstanceOf(kind);
    expect(thrown).toMatchObject({ message: expect.stringContaining(message) });
    expect(asked).toHaveLength(requests);
    expect(out).toBe('');
  });

  test('an address without an API is not taken for a missing to-do', async () => {
    const { thrown } = await run(['list'], { answers: [{ status: 404 }] });
    expect(thrown).toMatchObject({ name: 'NotDone', message: expect.stringContaining('TODO_API_URL') });
  });

  test('nobody signed in: nothing is asked of the API', async () => {
    const refuse = async () => {
      throw new NotSignedIn('Sign in: todo sign-in');
    };
    const account = {
      accessToken: refuse,
      claims: refuse,
      checkStorage: async () => {},
      keep: async () => {},
      forget: async () => false,
    };
    const { thrown, asked } = await run(['list'], { account });
    expect(thrown).toBeInstanceOf(NotSignedIn);
    expect(asked).toEqual([]);
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

  test('answers one array to a program, also for no lines at all', async () => {
    const { out } = await run(['add', '-', '--json'], { input: 'Buy milk\nSleep', answers, format: 'json' });
    expect(JSON.parse(out)).toEqual([todo(1, 'Buy milk'), todo(2, 'Sleep')]);
    expect((await run(['add', '-'], { format: 'json' })).out).toBe('[]\n');
  });

  test('sends nothing when a line cannot be one', async () => {
    const { thrown, asked } = await run(['add', '-'], { input: `Buy milk\n\n${'x'.repeat(501)}\n`, answers });
    expect(thrown).toMatchObject({
      name: 'NotDone',
      message: 'Line 3: Use at most 500 characters. Nothing was added.',
    });
    expect(asked).toEqual([]);
  });

  test('says what was added before the API refused', async () => {
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
    expect(thrown).not.toBeInstanceOf(HeadlessError);
  });
});

test('sign-out says whether anybody was signed in', async () => {
  expect((await run(['sign-out'])).out).toMatch(/^Signed out\./);
  const account = {
    accessToken: async () => '',
    claims: async () => claims,
    checkStorage: async () => {},
    keep: async () => {},
    forget: async () => false,
  };
  expect((await run(['sign-out'], { account })).out).toBe('You were not signed in.\n');
  expect((await run(['sign-out'], { account, format: 'json' })).out).toBe('{"wasSignedIn":false}\n');
});

test('help and version are results', async () => {
  expect((await run(['--help'])).out).toMatch(
    /^Your to-dos, in the terminal\.\n\ntodo sign-in\n {4}Sign in with a code/,
  );
  expect((await run(['--version'])).out).toBe('1.2.3\n');
  expect((await run(['--version'], { format: 'json' })).out).toBe('{"version":"1.2.3"}\n');
});
