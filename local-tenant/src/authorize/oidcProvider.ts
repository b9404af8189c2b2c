/*
 * oidc-provider without the one line that it prints on Node 20, "Unsupported runtime": this tenant is tested there. Its
 * other warnings are printed.
 */
const { warn } = console;
console.warn = (...given: unknown[]) => {
  if (!String(given[0]).includes('oidc-provider WARNING: Unsupported runtime.')) warn(...given);
};
export const { Provider, interactionPolicy } = await import('oidc-provider');
console.warn = warn;
