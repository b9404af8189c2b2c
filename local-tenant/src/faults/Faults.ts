import type { Clock } from '../state/Clock.ts';
import { ExpiringMap } from '../state/ExpiringMap.ts';
import { authorizationFaults, logoutFaults } from './authorizationFaults.ts';
import { deviceCodeFaults, devicePollFaults } from './deviceFaults.ts';
import type { FaultTable } from './fault.ts';
import {
  graphAnswerFaults,
  graphObjectFaults,
  graphPrincipalFaults,
  graphRefusals,
  graphWriteFaults,
  notYetFaults,
} from './graphFaults.ts';
import { idTokenFaults } from './idTokenFaults.ts';
import { discoveryFaults, keysFaults } from './metadataFaults.ts';
import { tlsFaults } from './tlsFaults.ts';
import { leniencies, tokenAnswerFaults } from './tokenAnswerFaults.ts';
import { tokenFaults } from './tokenFaults.ts';

const signInFaults: FaultTable<unknown> = {
  ...authorizationFaults,
  ...tokenFaults,
  ...tokenAnswerFaults,
  ...leniencies,
  ...idTokenFaults,
};

const allFaults: FaultTable<unknown> = {
  ...signInFaults,
  ...logoutFaults,
  ...deviceCodeFaults,
  ...devicePollFaults,
  ...discoveryFaults,
  ...keysFaults,
  ...tlsFaults,
  ...graphAnswerFaults,
  ...graphRefusals,
  ...graphWriteFaults,
  ...graphObjectFaults,
  ...graphPrincipalFaults,
  ...notYetFaults,
};

export const faultNames: readonly string[] = Object.keys(allFaults);

/** Describes a sign-in's fault in one sentence; undefined: there is no such fault. */
export function describeSignInFault(name: string): string | undefined {
  return Object.hasOwn(signInFaults, name) ? signInFaults[name]?.[0] : undefined;
}

const signInSeconds = 600;

/** The armed faults, for a number of answers or for one sign-in. */
export class Faults {
  readonly #armed = new Map<string, number>();
  readonly #bySignIn: ExpiringMap<string>;

  constructor(clock: Clock) {
    this.#bySignIn = new ExpiringMap(clock);
  }

  /** @param times how many answers show the fault; default: the next one; 0 disarms it */
  arm(name: string, times = 1): void {
    if (!faultNames.includes(name)) throw new Error(`There is no fault named ${name}; list() names them all.`);
    this.#armed.set(name, times);
  }

  /** Arms a fault for one answer to the request with an authorization code. */
  armFor(code: string, name: string): void {
    this.#bySignIn.set(code, name, signInSeconds);
  }

  /** Takes the first armed fault of a table. @param code the authorization code of the request, if it has one */
  take<Apply>(table: FaultTable<Apply>, code = ''): Apply | undefined {
    const ofSignIn = this.#bySignIn.get(code) ?? '';
    if (Object.hasOwn(table, ofSignIn)) {
      this.#bySignIn.delete(code);
      return table[ofSignIn]?.[1];
    }
    const [name, fault] = Object.entries(table).find(([key]) => (this.#armed.get(key) ?? 0) > 0) ?? [];
    if (name !== undefined) this.#armed.set(name, (this.#armed.get(name) ?? 1) - 1);
    return fault?.[1];
  }

  /** All faults, with the number of answers for which each is armed. */
  list() {
    return Object.entries(allFaults).map(([name, [description]]) => ({
      name,
      description,
      armed: this.#armed.get(name) ?? 0,
    }));
  }

  clear(): void {
    this.#armed.clear();
    this.#bySignIn.clear();
  }
}
