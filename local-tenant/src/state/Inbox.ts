import type { Logger } from '../runtime/logger.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly code: string;
  readonly sentAt: string;
}

const keptMails = 200;

/** The tenant's mails. None leaves this process. */
export class Inbox {
  readonly #log: Pick<Logger, 'info'>;
  /** Newest first. */
  mails: readonly Mail[] = [];

  constructor(log: Pick<Logger, 'info'>) {
    this.#log = log;
  }

  deliver(mail: Mail): void {
    this.#log.info('Mail', { to: mail.to, code: mail.code });
    this.mails = [mail, ...this.mails].slice(0, keptMails);
  }

  clear(): void {
    this.mails = [];
  }
}
