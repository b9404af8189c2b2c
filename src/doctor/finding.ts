/** What one check found. */
export interface Finding {
  /** `fail`: the program will not work so; `warn`: it works, but should not stay so; `unchecked`: nobody could tell. */
  readonly status: 'ok' | 'warn' | 'fail' | 'unchecked';
  /** What was checked, the same in every run, so that scripts can look for it. */
  readonly name: string;
  /** What is so, or why it cannot be told; never a secret. */
  readonly cause: string;
  /** What to do about it; empty where there is nothing to do. */
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
