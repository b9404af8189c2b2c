/** Entra's number for an error, such as `AADSTS53003`. Its sentences may name a customer and are not kept. */
export function aadstsIn(text: string | undefined): string | undefined {
  return /AADSTS\d{4,8}/.exec(text ?? '')?.[0];
}
