import { visibleText } from './visibleText.ts';

/** What a log line has besides its message. Never tokens, cookies, secrets or a customer's data. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/**
 * Creates a logger that writes one line per event, with the time in UTC.
 * @param format `json`: for machines; `text`: for people
 * @param write writes one line; default: to standard output. A closed output is ignored: logging must not end a server.
 */
export function createLogger(
  program: string,
  format: 'json' | 'text',
  write: (line: string) => void = writeLine,
): Logger {
  const log =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      write(format === 'json' ? jsonLine(program, level, message, fields) : textLine(program, level, message, fields));
  return { info: log('info'), warn: log('warn'), error: log('error') };
}

/** The fields to log for an error: its class, code and message, and those of its causes; never its data. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  // The class too: node-redis' TimeoutError has no message (https://github.com/redis/node-redis/issues/1358). A library's
  // message may repeat its input, such as a token's whole header, so it is cut.
  const describe = (thrown: Error) =>
    [thrown.constructor.name, thrown.message.slice(0, 300)].filter(Boolean).join(': ');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const causes: string[] = [];
  for (let { cause } = error; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    causes.push(describe(cause));
  }
  return { error: describe(error), code, cause: causes.join(' < ') || undefined };
}

function jsonLine(program: string, level: string, message: string, fields: LogFields): string {
  return visibleText(JSON.stringify({ time: new Date().toISOString(), level, program, message, ...fields }));
}

function textLine(program: string, level: string, message: string, fields: LogFields): string {
  const time = new Date().toISOString().slice(11, 19);
  const tail = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${/^[\w.:/@-]+$/.test(String(value)) ? value : JSON.stringify(value)}`)
    .join('');
  const mark = level === 'info' ? '' : ` ${level.toUpperCase()}`;
  const words = JSON.stringify(message).slice(1, -1).replaceAll('\\"', '"');
  return visibleText(`${time} ${program.padEnd(6)}${mark} ${words}${tail}`);
}

let outputIsGuarded = false;

function writeLine(line: string): void {
  if (!outputIsGuarded) {
    outputIsGuarded = true;
    process.stdout.on('error', () => {});
  }
  process.stdout.write(`${line}\n`);
}
