import { randomBytes, randomInt } from 'node:crypto';
import { AadstsError } from '../AadstsError.ts';
import type { Clock } from '../state/Clock.ts';
import { ExpiringMap } from '../state/ExpiringMap.ts';
import type { SignInFacts } from './RefreshTokens.ts';

export type DeviceDecision =
  | { readonly kind: 'declined' }
  | ({ readonly kind: 'signed-in'; readonly oid: string } & SignInFacts)
  | { readonly kind: 'redeemed' };

export interface DeviceRequest {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly clientId: string;
  readonly scope: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly decision: DeviceDecision | undefined;
}

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#device-authorization-response */
export const deviceCodeLifetimeSeconds = 900;
const keptSeconds = 86_400;
/** Without vowels, so that codes do not form words. */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';

/** The requests of devices, by the device's code and by the code that the customer types. */
export class DeviceCodes {
  readonly #clock: Clock;
  readonly #requests: ExpiringMap<DeviceRequest>;
  readonly #deviceCodes: ExpiringMap<string>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#requests = new ExpiringMap(clock);
    this.#deviceCodes = new ExpiringMap(clock);
  }

  issue(clientId: string, scope: string): DeviceRequest {
    const deviceCode = randomBytes(96).toString('base64url');
    const userCode = Array.from({ length: 9 }, () => letters[randomInt(letters.length)]).join('');
    const expiresAt = this.#clock.nowSeconds() + deviceCodeLifetimeSeconds;
    const request = { deviceCode, userCode, clientId, scope, expiresAt, decision: undefined };
    this.#requests.set(deviceCode, request, keptSeconds);
    this.#deviceCodes.set(userCode, deviceCode, deviceCodeLifetimeSeconds);
    return request;
  }

  /** Finds the open request for a customer's code; case, spaces and dashes are ignored. */
  findOpen(userCode: string): DeviceRequest | undefined {
    const deviceCode = this.#deviceCodes.get(userCode.toUpperCase().replaceAll(/[\s-]/g, ''));
    const request = deviceCode === undefined ? undefined : this.#requests.get(deviceCode);
    return request?.decision === undefined ? request : undefined;
  }

  decide(request: DeviceRequest, decision: DeviceDecision): void {
    this.#requests.set(request.deviceCode, { ...request, decision }, keptSeconds);
  }

  /**
   * Takes the sign-in that a device waits for; it can be taken once.
   * @throws {AadstsError} 70018 unknown or another app's, 54005 taken before, 90120 declined, 70020 expired, 70016 pending.
   * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#expected-errors
   */
  take(deviceCode: string, clientId: string) {
    const request = this.#requests.get(deviceCode);
    if (request?.clientId !== clientId) throw new AadstsError(70018);
    const { decision } = request;
    if (decision?.kind === 'redeemed') throw new AadstsError(54005);
    if (decision?.kind === 'declined') throw new AadstsError(90120);
    if (request.expiresAt <= this.#clock.nowSeconds()) throw new AadstsError(70020);
    if (!decision) throw new AadstsError(70016);
    this.decide(request, { kind: 'redeemed' });
    return { ...decision, scope: request.scope };
  }

  clear(): void {
    this.#requests.clear();
    this.#deviceCodes.clear();
  }
}
