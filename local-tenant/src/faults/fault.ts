/** A misbehaviour: a sentence that describes it, and the change that causes it. */
export type Fault<Apply> = readonly [description: string, apply: Apply];

export type FaultTable<Apply> = Readonly<Record<string, Fault<Apply>>>;

/** A host that is unknown to every app and never answers. @see https://www.rfc-editor.org/rfc/rfc2606 */
export const foreignHost = 'login.elsewhere.invalid';

export const otherTenantId = '99999999-9999-4999-8999-999999999999';

export const otherIssuer = `https://${otherTenantId}.ciamlogin.com/${otherTenantId}/v2.0`;
