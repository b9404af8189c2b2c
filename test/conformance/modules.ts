import { basic, comprehensive, config, dynamic, refresh, thirdPartyInitiated } from './modules/core.ts';
import { fapi1, fapi2, fapi2Rest } from './modules/fapi.ts';
import { backChannel, frontChannel, initiatedByClient, sessionManagement } from './modules/logout.ts';
import type { Module } from './modules/module.ts';

/** A plan of the suite: the modules of a profile. */
export interface Profile {
  readonly name: string;
  /** The official name of the plan; for FAPI, of a part of it. */
  readonly plan: string;
  readonly modules: readonly Module[];
  /** Why the profile does not apply to this app. Its modules still count for other profiles. */
  readonly notApplicable?: string;
}

function named(...names: readonly string[]): Module[] {
  const all = [...basic, ...config];
  return names.map((name) => {
    const found = all.find((module) => module.name === `oidcc-client-test-${name}`);
    if (!found) throw new Error(`No module ${name}`);
    return found;
  });
}

const configuration = [...config, ...named('idtoken-sig-none')];

/**
 * All relying-party profiles of the OpenID Foundation's conformance suite, and the parts of FAPI that apply to this app.
 * The local tenant plays the modules, so that they run offline; this is not a certification. Two habits of
 * the suite are omitted: it accepts the client's secret by HTTP Basic, and it ends happy modules with a UserInfo request.
 * @see https://gitlab.com/openid/conformance-suite
 */
export const profiles: readonly Profile[] = [
  { name: 'Basic RP', plan: 'oidcc-client-basic-certification-test-plan', modules: basic },
  {
    name: 'Form Post RP',
    plan: 'oidcc-client-formpost-basic-certification-test-plan',
    modules: basic,
    notApplicable:
      'The app asks for response_mode=query, so that its cookies can be SameSite=Lax; a POST to its redirect URI is 405.',
  },
  { name: 'Config RP', plan: 'oidcc-client-config-certification-test-plan', modules: configuration },
  {
    name: 'Dynamic RP',
    plan: 'oidcc-client-dynamic-certification-test-plan',
    modules: [...dynamic, ...configuration],
  },
  {
    name: 'RP-Initiated Logout RP',
    plan: 'oidcc-client-rp-initiated-logout-rp-basic',
    modules: initiatedByClient,
  },
  {
    name: 'Front-Channel Logout RP',
    plan: 'oidcc-client-front-channel-logout-rp-basic; the second of oidcc-client-logout-test-plan',
    modules: frontChannel,
  },
  { name: 'Back-Channel Logout RP', plan: 'oidcc-client-back-channel-logout-rp-basic', modules: backChannel },
  { name: 'Session Management RP', plan: 'oidcc-client-rp-session-management-rp-basic', modules: sessionManagement },
  {
    name: 'Third-Party-Initiated Login',
    plan: 'oidcc-client-test-3rd-party-init-login-test-plan',
    modules: thirdPartyInitiated,
  },
  { name: 'Refresh Token', plan: 'oidcc-client-refreshtoken-test-plan', modules: refresh },
  {
    name: 'Comprehensive',
    plan: 'oidcc-client-test-plan',
    modules: [...comprehensive, ...basic, ...config, ...dynamic],
  },
  {
    name: 'FAPI 2.0',
    plan: 'fapi2-security-profile-final-client-test-plan and fapi2-message-signing-final-client-test-plan',
    modules: [...fapi2, ...fapi2Rest],
  },
  { name: 'FAPI 1.0 Advanced', plan: 'part of fapi1-advanced-final-client-test-plan', modules: fapi1 },
];

/** Every module once. */
export const modules: readonly Module[] = [...new Set(profiles.flatMap((profile) => profile.modules))];
