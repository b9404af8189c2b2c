import { type ApplyContext, apply } from '../../src/registration/apply.ts';
import { GraphClient } from '../../src/registration/GraphClient.ts';
import type { Manifest } from '../../src/registration/manifest.ts';
import { type PlanOptions, plan, planCleanup, type Step } from '../../src/registration/plan.ts';
import { readTenantState, type TenantState } from '../../src/registration/read.ts';
import { verify, verifyCleanup } from '../../src/registration/verify.ts';
import {
  createHttpClient,
  type HttpClient,
  HttpClientError,
  type HttpRequest,
  type HttpResponse,
} from '../../src/runtime/httpClient.ts';
import type { RunningTenant } from '../support/startTenant.ts';
import { administratorToken } from './administrator.ts';
import { sample } from './states.ts';

const http = createHttpClient({ timeoutMs: 10_000, maxBodyBytes: 1024 * 1024 });

/** The process ended. */
export class Killed extends Error {}

/** What happens after a write has reached Graph, by its number. */
export type Mishap = (write: number) => Outcome | Promise<Outcome>;
type Outcome = 'killed' | 'answer lost' | undefined;

/** A developer's machine: a command that is run against a local tenant, and its `.env`. */
export class Machine {
  readonly #baseUrl: string;
  readonly #token: string;
  /** What `.env` holds. */
  secret: string | undefined;
  readonly requests: HttpRequest[] = [];

  static async at(tenant: RunningTenant, signIn?: Parameters<typeof administratorToken>[1]): Promise<Machine> {
    return new Machine(tenant.origin, await administratorToken(tenant, signIn));
  }

  constructor(origin: string, token: string) {
    this.#baseUrl = `${origin}/graph/v1.0`;
    this.#token = token;
  }

  get baseUrl(): string {
    return this.#baseUrl;
  }

  /** How many requests have changed something or tried to. */
  get writes(): number {
    return this.requests.filter(({ method }) => method !== 'GET').length;
  }

  graph(mishap: Mishap = () => undefined): GraphClient {
    let writes = 0;
    const recording: HttpClient = {
      request: async (request): Promise<HttpResponse> => {
        this.requests.push(request);
        const response = await http.request(request);
        const what = request.method === 'GET' ? undefined : await mishap(++writes);
        if (what === 'killed') throw new Killed();
        if (what === 'answer lost') throw new HttpClientError('unreachable', 'took too long');
        return response;
      },
    };
    const wait = async () => {};
    return new GraphClient({ baseUrl: this.#baseUrl, accessToken: async () => this.#token, http: recording, wait });
  }

  /** Reads, plans, applies and verifies. @returns the plan */
  async configure({ manifest = sample, options, mishap }: Run = {}): Promise<Step[]> {
    const graph = this.graph(mishap);
    const chosen = () => options ?? { credential: 'secret' as const, secret: this.secret };
    const steps = plan(manifest, await readTenantState(graph, manifest), chosen());
    await this.#apply(steps, { graph, manifest, options: chosen() });
    await verify(graph, manifest, chosen());
    return steps;
  }

  async cleanup({ manifest = sample, purge = false, mishap }: Run & { purge?: boolean } = {}): Promise<Step[]> {
    const graph = this.graph(mishap);
    const steps = planCleanup(manifest, await readTenantState(graph, manifest), { purge });
    await this.#apply(steps, { graph, manifest, options: { credential: 'keep' } });
    await verifyCleanup(graph, manifest, { purge });
    return steps;
  }

  state(manifest: Manifest = sample): Promise<TenantState> {
    return readTenantState(this.graph(), manifest);
  }

  async #apply(steps: readonly Step[], context: Omit<ApplyContext, 'saveSecret'>): Promise<void> {
    const saveSecret = async ({ value }: { value: string }) => {
      this.secret = value;
    };
    for (const step of steps) await apply(step, { ...context, saveSecret });
  }
}

interface Run {
  readonly manifest?: Manifest;
  readonly options?: PlanOptions;
  readonly mishap?: Mishap;
}
