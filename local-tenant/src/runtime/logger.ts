export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** @param write takes one finished line; default: standard output */
export function createLogger(write = (line: string): void => void process.stdout.write(`${line}\n`)): Logger {
  const log =
    (mark: string) =>
    (message: string, fields: LogFields = {}) =>
      write(lineOf(mark, message, fields));
  return { info: log(''), warn: log(' WARN'), error: log(' ERROR') };
}

export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const causes: string[] = [];
  for (let { cause } = error; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    causes.push(cause.message);
  }
  return { error: `${error.constructor.name}: ${error.message}`, code, cause: causes.join(' < ') || undefined };
}

/** Characters that JSON leaves alone and terminals obey: C1 controls, line separators and changes of direction. */
const terminalControls = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Escapes what others wrote, so that it cannot start a line of its own, move the cursor or reorder text. */
function lineOf(mark: string, message: string, fields: LogFields): string {
  const time = new Date().toISOString().slice(11, 19);
  const tail = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? JSON.stringify(value) : value}`)
    .join('');
  const text = JSON.stringify(message).slice(1, -1).replaceAll('\\"', '"');
  return `${time} tenant${mark} ${text}${tail}`.replace(
    terminalControls,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
