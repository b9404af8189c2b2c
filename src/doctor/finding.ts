/** What one check found. */
export interface Finding {
  /** `fail`: the program will not work; `warn`: it works, but should be changed; `unchecked`: the doctor cannot tell. */
  readonly status: 'ok' | 'warn' | 'fail' | 'unchecked';
  /** What was checked. Always the same text, so that scripts can rely on it. */
  readonly name: string;
  /** What was found, or why it cannot be checked; never a secret. */
  readonly cause: string;
  /** What to do; empty if there is nothing to do. */
  readonly fix: string;
}

export function ok(name: string, cause: string): Finding {
  return { status: 'ok', name, cause, fix: '' };
}

export function warn(name: string, cause: string, fix: string): Finding {
  return { status: 'warn', name, cause, fix };
}

export function fail(name: string, cause: string, fix: string): Finding {
  return { status: 'fail', name, cause, fix };
}

export function unchecked(name: string, cause: string, fix = ''): Finding {
  return { status: 'unchecked', name, cause, fix };
}
