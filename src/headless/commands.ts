import type { IssuedTokens } from '../entra/issuedTokens.ts';
import { NotDone } from '../entra/terminal/CommandError.ts';
import type { Output } from '../entra/terminal/Output.ts';
import type { TodoClient } from '../models/TodoClient.ts';
import { type Todo, todoDescription } from '../models/todo.ts';
import { callApi } from './callApi.ts';
import { drawQrCode, startCountdown } from './codeDisplay.ts';
import { helpText, type Inquiry, type Task } from './commandLine.ts';
import type { PublicAuthProvider } from './PublicAuthProvider.ts';
import type { StoredSignIn } from './StoredSignIn.ts';

export interface Dependencies {
  readonly storedSignIn: Pick<StoredSignIn, 'accessToken' | 'claims' | 'checkWritable' | 'store' | 'remove'>;
  readonly auth: Pick<PublicAuthProvider, 'signInWithDeviceCode' | 'signInWithBrowser'>;
  readonly todos: Pick<TodoClient, 'list' | 'add' | 'change' | 'remove'>;
  readonly output: Pick<Output, 'result' | 'event' | 'message' | 'screen'>;
  /** Whether the terminal shows characters beyond ASCII, which a QR code is drawn with. */
  readonly isUtf8: boolean;
  /** Standard input, line by line; it must end when `signal` aborts. */
  readonly lines: () => AsyncIterable<string>;
  readonly openBrowser: (url: string) => void;
  readonly signal: AbortSignal;
}

/** Answers a question about the app itself. */
export function answerInquiry({ name }: Inquiry, output: Pick<Output, 'result'>, version: string): void {
  if (name === 'version') output.result({ version }, version);
  else output.result({ help: helpText }, helpText.trimEnd().split('\n'));
}

/**
 * Runs a command.
 * @throws {CommandError} when it fails
 */
export async function runTask(task: Task, dependencies: Dependencies): Promise<void> {
  const { storedSignIn, todos, output } = dependencies;
  switch (task.name) {
    case 'sign-in':
      return await signIn(task.way, dependencies);
    case 'list':
      return await list(dependencies);
    case 'add': {
      const todo = await callApi(storedSignIn, (token) => todos.add(token, task.text));
      return output.result(todo, added(todo));
    }
    case 'add lines':
      return await addLines(dependencies);
    case 'change': {
      const { id, text } = task;
      await callApi(storedSignIn, (token) => todos.change(token, id, text), id);
      return output.result({ id, description: text }, `Changed ${id}: ${text}`);
    }
    case 'remove': {
      const { id } = task;
      await callApi(storedSignIn, (token) => todos.remove(token, id), id);
      return output.result({ id }, `Removed ${id}.`);
    }
    case 'claims': {
      const claims = await storedSignIn.claims();
      const rows = Object.entries(claims).map(([label, value]) => ({ label, text: claimText(label, value) }));
      return output.result(claims, rows);
    }
    case 'sign-out': {
      const wasSignedIn = await storedSignIn.remove();
      const done = 'Signed out. Your tokens were removed from this machine.';
      return output.result({ wasSignedIn }, wasSignedIn ? done : 'You were not signed in.');
    }
  }
}

async function signIn(way: 'code' | 'browser', dependencies: Dependencies): Promise<void> {
  await dependencies.storedSignIn.checkWritable();
  const tokens = way === 'code' ? await signInWithCode(dependencies) : await signInWithBrowser(dependencies);
  await dependencies.storedSignIn.store(tokens);
  const { oid, name, preferred_username } = tokens.claims;
  const shown = [name, preferred_username].find((claim) => typeof claim === 'string') ?? oid;
  dependencies.output.result({ event: 'signedIn', oid, name: shown }, `Signed in as ${shown}.`);
}

async function signInWithCode({ auth, output, isUtf8, signal }: Dependencies): Promise<IssuedTokens> {
  const { screen } = output;
  let stopCountdown = () => {};
  try {
    return await auth.signInWithDeviceCode(({ userCode, verificationPage, expiresAt }) => {
      const expires = new Date(expiresAt).toISOString();
      if (screen && isUtf8) drawQrCode(verificationPage, screen);
      output.event({ event: 'code', userCode, verificationPage, expiresAt: expires }, [
        'On any device, open this page, enter the code and sign in.',
        'Never enter a code that somebody else sent you.',
        { label: 'Page', text: verificationPage },
        { label: 'Code', text: userCode },
      ]);
      if (screen) stopCountdown = startCountdown(expiresAt, screen);
      else output.message(`Waiting until ${withoutFraction(expires)}.`);
    }, signal);
  } finally {
    stopCountdown();
  }
}

async function signInWithBrowser({ auth, output, openBrowser, signal }: Dependencies): Promise<IssuedTokens> {
  return await auth.signInWithBrowser((url) => {
    output.event({ event: 'browser', url }, [
      'Sign in with your browser. If it does not open, open this page on this machine:',
      url,
    ]);
    openBrowser(url);
  }, signal);
}

async function list({ storedSignIn, todos, output, signal }: Dependencies): Promise<void> {
  const all: Todo[] = [];
  let after: number | undefined;
  do {
    const page = await callApi(storedSignIn, (token) => todos.list(token, { limit: 200, after, signal }));
    all.push(...page.todos);
    after = page.next;
  } while (after !== undefined);
  // Pages begin with the newest. In a terminal, the last line is the one next to the prompt.
  all.reverse();
  output.result(
    all,
    all.map(({ id, description }) => ({ label: String(id), text: description })),
  );
  if (all.length === 0) output.message('No to-dos. Add one: todo add Buy milk');
}

/** Checks all lines before the first is sent: a wrong one leaves nothing half done. */
async function addLines({ storedSignIn, lines, todos, output, signal }: Dependencies): Promise<void> {
  const texts: string[] = [];
  let number = 0;
  for await (const line of lines()) {
    number += 1;
    if (!line.trim()) continue;
    const text = todoDescription.safeParse(line);
    if (!text.success) throw new NotDone(`Line ${number}: ${text.error.issues[0]?.message} Nothing was added.`);
    texts.push(text.data);
  }
  // An interrupted input may lack lines.
  signal.throwIfAborted();
  const done: Todo[] = [];
  try {
    for (const text of texts) {
      signal.throwIfAborted();
      done.push(await callApi(storedSignIn, (token) => todos.add(token, text)));
    }
  } finally {
    if (done.length > 0 || texts.length === 0) output.result(done, done.map(added));
    if (done.length < texts.length) output.message(`Added ${done.length} of ${texts.length}.`);
  }
}

function claimText(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  const time = /^(iat|nbf|exp|auth_time)$/.test(name) ? new Date(Number(value) * 1_000) : undefined;
  // toISOString throws on a time that a Date cannot hold.
  if (time && !Number.isNaN(time.getTime())) return `${value} (${withoutFraction(time.toISOString())})`;
  return JSON.stringify(value);
}

function withoutFraction(time: string): string {
  return time.replace(/\.\d+/, '');
}

function added({ id, description }: Todo): string {
  return `Added ${id}: ${description}`;
}
