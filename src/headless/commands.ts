import type { TodoClient } from '../models/TodoClient.ts';
import { type Todo, todoDescription } from '../models/todo.ts';
import type { Account } from './Account.ts';
import { callApi } from './callApi.ts';
import { helpText, type Inquiry, type Task } from './commandLine.ts';
import { NotDone } from './errors.ts';
import type { Row } from './layout.ts';
import type { Output } from './Output.ts';
import type { PublicAuthProvider, SignedIn } from './PublicAuthProvider.ts';

/** What a command works with. */
export interface Surroundings {
  readonly account: Pick<Account, 'accessToken' | 'claims' | 'checkStorage' | 'keep' | 'forget'>;
  readonly auth: Pick<PublicAuthProvider, 'signInWithDeviceCode' | 'signInWithBrowser'>;
  readonly todos: Pick<TodoClient, 'list' | 'add' | 'change' | 'remove'>;
  readonly output: Pick<Output, 'result' | 'event' | 'message' | 'qrCode' | 'countdown'>;
  /** Standard input, line by line; it must end when `signal` aborts. */
  readonly lines: () => AsyncIterable<string>;
  readonly openBrowser: (url: string) => void;
  readonly signal: AbortSignal;
}

/** Says what the app is. */
export function answerInquiry({ name }: Inquiry, output: Pick<Output, 'result'>, version: string): void {
  if (name === 'version') output.result({ version }, [{ text: version }]);
  else output.result({ help: helpText }, rowsOf(helpText));
}

/**
 * Does what the customer asks for.
 * @throws {HeadlessError} when it is not done
 */
export async function runTask(command: Task, surroundings: Surroundings): Promise<void> {
  const { account, output } = surroundings;
  switch (command.name) {
    case 'sign-in':
      return await signIn(command.way, surroundings);
    case 'list':
      return await list(surroundings);
    case 'add':
      return await add(command.text, surroundings);
    case 'add lines':
      return await addLines(surroundings);
    case 'change':
      return await change(command.id, command.text, surroundings);
    case 'remove':
      return await remove(command.id, surroundings);
    case 'claims':
      return showClaims(await account.claims(), output);
    case 'sign-out':
      return await signOut(surroundings);
  }
}

async function signIn(way: 'code' | 'browser', surroundings: Surroundings): Promise<void> {
  const { account, output } = surroundings;
  await account.checkStorage();
  const signedIn = way === 'code' ? await signInWithCode(surroundings) : await signInWithBrowser(surroundings);
  await account.keep(signedIn);
  const { oid, name, preferred_username } = signedIn.claims;
  const shown = [name, preferred_username].find((claim) => typeof claim === 'string') ?? oid;
  output.result({ event: 'signedIn', oid, name: shown }, [{ text: `Signed in as ${shown}.` }]);
}

async function signInWithCode({ auth, output, signal }: Surroundings): Promise<SignedIn> {
  let endCountdown = () => {};
  try {
    return await auth.signInWithDeviceCode(({ userCode, verificationPage, expiresAt }) => {
      output.qrCode(verificationPage);
      const expires = new Date(expiresAt).toISOString();
      output.event({ event: 'code', userCode, verificationPage, expiresAt: expires }, [
        { text: 'On any device, open this page, enter the code and sign in.' },
        { text: 'Never enter a code that somebody else sent you.' },
        { label: 'Page', text: verificationPage },
        { label: 'Code', text: userCode },
      ]);
      endCountdown = output.countdown(expiresAt);
    }, signal);
  } finally {
    endCountdown();
  }
}

async function signInWithBrowser({ auth, output, openBrowser, signal }: Surroundings): Promise<SignedIn> {
  return await auth.signInWithBrowser((url) => {
    output.event({ event: 'browser', url }, [
      { text: 'Sign in in your browser. If it does not open, open this page on this machine:' },
      { text: url },
    ]);
    openBrowser(url);
  }, signal);
}

async function list(surroundings: Surroundings): Promise<void> {
  const todos = await callApi(surroundings, (token) => surroundings.todos.list(token));
  surroundings.output.result(
    todos,
    todos.map(({ id, description }) => ({ label: String(id), text: description })),
  );
  if (todos.length === 0) surroundings.output.message('Nothing to do. Add something: todo add Buy milk');
}

async function add(text: string, surroundings: Surroundings): Promise<void> {
  const todo = await callApi(surroundings, (token) => surroundings.todos.add(token, text));
  surroundings.output.result(todo, [added(todo)]);
}

/** All lines are looked at before the first is sent, so that a wrong one leaves nothing half done. */
async function addLines(surroundings: Surroundings): Promise<void> {
  const { lines, todos, output, signal } = surroundings;
  const texts: string[] = [];
  let number = 0;
  for await (const line of lines()) {
    number += 1;
    if (!line.trim()) continue;
    const text = todoDescription.safeParse(line);
    if (!text.success) throw new NotDone(`Line ${number}: ${text.error.issues[0]?.message} Nothing was added.`);
    texts.push(text.data);
  }
  // An input that was cut off is no list.
  signal.throwIfAborted();
  const done: Todo[] = [];
  try {
    for (const text of texts) {
      signal.throwIfAborted();
      done.push(await callApi(surroundings, (token) => todos.add(token, text)));
    }
  } finally {
    if (done.length > 0 || texts.length === 0) output.result(done, done.map(added));
    if (done.length < texts.length) output.message(`Added ${done.length} of ${texts.length}.`);
  }
}

async function change(id: number, text: string, surroundings: Surroundings): Promise<void> {
  await callApi(surroundings, (token) => surroundings.todos.change(token, id, text), id);
  surroundings.output.result({ id, description: text }, [{ text: `Changed ${id}: ${text}` }]);
}

async function remove(id: number, surroundings: Surroundings): Promise<void> {
  await callApi(surroundings, (token) => surroundings.todos.remove(token, id), id);
  surroundings.output.result({ id }, [{ text: `Removed ${id}.` }]);
}

function showClaims(claims: Readonly<Record<string, unknown>>, output: Surroundings['output']): void {
  output.result(
    claims,
    Object.entries(claims).map(([label, value]) => ({ label, text: readable(label, value) })),
  );
}

function readable(claim: string, value: unknown): string {
  if (typeof value === 'string') return value;
  // toISOString throws on a time that a Date cannot hold.
  const time = /^(iat|nbf|exp|auth_time)$/.test(claim) ? new Date(Number(value) * 1_000) : undefined;
  if (time && !Number.isNaN(time.getTime())) return `${value} (${time.toISOString().replace(/\.\d+/, '')})`;
  return JSON.stringify(value);
}

async function signOut({ account, output }: Surroundings): Promise<void> {
  const wasSignedIn = await account.forget();
  const text = wasSignedIn ? 'Signed out. This machine has no token of yours any more.' : 'You were not signed in.';
  output.result({ wasSignedIn }, [{ text }]);
}

function added({ id, description }: Todo): Row {
  return { text: `Added ${id}: ${description}` };
}

function rowsOf(text: string): Row[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => ({ text: line }));
}
