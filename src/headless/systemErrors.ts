/** The code of a failed system call, such as ENOSPC; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
}

/** For a promise's `catch`: turns one failure of a system call into undefined. */
export function unless(code: string): (error: unknown) => undefined {
  return (error) => {
    if (systemCode(error) !== code) throw error;
  };
}
