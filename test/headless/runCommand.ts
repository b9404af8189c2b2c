import { Readable } from 'node:stream';
import { type Format, Output } from '../../src/entra/terminal/Output.ts';
import { readCommandLine } from '../../src/headless/commandLine.ts';
import { answerInquiry, type Dependencies, runTask } from '../../src/headless/commands.ts';
import { TodoClient, type TodoHttp } from '../../src/models/TodoClient.ts';

type Answer = Awaited<ReturnType<TodoHttp['request']>>;

export const owner = '00001111-aaaa-2222-bbbb-3333cccc4444';
export const claims = { iss: 'issuer', sub: 'subject', oid: owner, tid: owner, name: 'Alice Archer', amr: ['pwd'] };
const accessToken = { token: 'first-token', expiresAt: 0 };
export const signedIn = { claims, accessToken, msalCache: 'the-cache' };
export const code = {
  userCode: 'ABCDEFGHI',
  verificationPage: 'https://contoso.ciamlogin.com/common/oauth2/deviceauth',
  expiresAt: Date.parse('2026-03-01T12:15:00Z'),
};

interface Given extends Partial<Omit<Dependencies, 'storedSignIn'>> {
  readonly storedSignIn?: Partial<Dependencies['storedSignIn']>;
  readonly format?: Format;
  readonly input?: string;
  /** The API's answers; it repeats the last one. */
  readonly answers?: readonly (Partial<Answer> | Error)[];
}

export const ok = (body: unknown, status = 200): Partial<Answer> => ({ status, body: JSON.stringify(body) });
export const todo = (id: number, description: string) => ({ id, owner, description });

/** Runs a command against an API with the given answers. @returns what it wrote, requested, stored and threw */
export async function run(
  args: readonly string[],
  { format = 'text', input = '', answers = [], storedSignIn = {}, ...changes }: Given = {},
) {
  const [out, err, asked, stored]: [string[], string[], string[], unknown[]] = [[], [], [], []];
  const stream = (texts: string[]) => ({ write: (text: string) => texts.push(text) });
  const left = [...answers];
  const http: TodoHttp = {
    request: async ({ method, url, headers, body }) => {
      asked.push([method, new URL(url).pathname, headers?.authorization, body].filter(Boolean).join(' '));
      const answer = (left.length > 1 ? left.shift() : left[0]) ?? {};
      if (answer instanceof Error) throw answer;
      return { status: 204, headers: {}, body: '', ...answer };
    },
  };
  const dependencies: Dependencies = {
    storedSignIn: {
      accessToken: async (refused) => (refused ? 'second-token' : 'first-token'),
      claims: async () => claims,
      checkWritable: async () => {},
      store: async (tokens) => void stored.push(tokens),
      remove: async () => true,
      ...storedSignIn,
    },
    auth: {
      signInWithDeviceCode: async (show) => {
        show(code);
        return signedIn;
      },
      signInWithBrowser: async (open) => {
        await open('https://contoso.ciamlogin.com/authorize?state=1');
        return signedIn;
      },
    },
    todos: new TodoClient({ baseUrl: 'http://localhost:3001', http }),
    output: new Output({ stdout: stream(out), stderr: stream(err), format }),
    isUtf8: true,
    lines: () => Readable.from(input.split(/\r?\n/)),
    openBrowser: () => {},
    signal: new AbortController().signal,
    ...changes,
  };
  const command = readCommandLine(args);
  const isInquiry = command.name === 'help' || command.name === 'version';
  if (isInquiry) answerInquiry(command, dependencies.output, '1.2.3');
  const done = isInquiry ? undefined : runTask(command, dependencies);
  const thrown: unknown = await done?.catch((error: unknown) => error);
  return { out: out.join(''), err: err.join(''), asked, stored, thrown };
}
