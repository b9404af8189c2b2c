import { GraphClient } from '../../src/registration/GraphClient.ts';
import type { Manifest } from '../../src/registration/manifest.ts';
import { pending, plan, planCleanup } from '../../src/registration/plan.ts';
import { readTenantState, type TenantState } from '../../src/registration/read.ts';
import { type PlanContext, runPlan } from '../../src/registration/runPlan.ts';
import type { PlannedStep, PlanOptions } from '../../src/registration/step.ts';
import { createHttpClient, type HttpClient, HttpClientError, type HttpRequest } from '../../src/runtime/httpClient.ts';
import { sample } from './states.ts';

const http = createHttpClient({ timeoutMs: 10_000, maxBodyBytes: 1024 * 1024 });

/** The process ended. */
export class Killed extends Error {}

type Outcome = 'killed' | 'answer lost' | undefined;

/** What happens after a write reached Graph, by the write's number. */
export type Mishap = (write: number) => Outcome | Promise<Outcome>;

interface Run {
  readonly manifest?: Manifest;
  readonly options?: PlanOptions;
  readonly mishap?: Mishap;
}

/** A developer's machine that runs the commands against a local tenant, in this process. */
export class Machine {
  readonly baseUrl: string;
  readonly #token: string;
  /** The secret in `.env`. */
  secret: string | undefined;
  readonly requests: HttpRequest[] = [];

  /** @param token an administrator's */
  constructor(origin: string, token: string) {
    this.baseUrl = `${origin}/graph/v1.0`;
    this.#token = token;
  }

  /** How many requests were not reads. */
  get writes(): number {
    return this.requests.filter(({ method }) => method !== 'GET').length;
  }

  graph(mishap: Mishap = () => undefined): GraphClient {
    let writes = 0;
    const recording: HttpClient = {
      request: async (request) => {
        this.requests.push(request);
        const response = await http.request(request);
        const outcome = request.method === 'GET' ? undefined : await mishap(++writes);
        if (outcome === 'killed') throw new Killed();
        if (outcome === 'answer lost') throw new HttpClientError('unreachable', 'took too long');
        return response;
      },
    };
    const wait = async () => {};
    return new GraphClient({ baseUrl: this.baseUrl, accessToken: async () => this.#token, http: recording, wait });
  }

  /** Reads, plans, applies and verifies. @returns the plan */
  configure({ manifest = sample, options, mishap }: Run = {}): Promise<PlannedStep[]> {
    const chosen = (): PlanOptions => options ?? { credential: 'secret', secret: this.secret };
    return this.#run(manifest, (state) => plan(manifest, state, chosen()), mishap);
  }

  cleanup({ manifest = sample, purge = false, mishap }: Run & { purge?: boolean } = {}): Promise<PlannedStep[]> {
    return this.#run(manifest, (state) => planCleanup(manifest, state, { isPurge: purge }), mishap);
  }

  /** Compares the tenant with a plan, and changes nothing. */
  verify(judge: PlanContext['judge']): Promise<TenantState> {
    return runPlan([], this.#context(this.graph(), sample, judge));
  }

  state(manifest: Manifest = sample): Promise<TenantState> {
    return readTenantState(this.graph(), manifest);
  }

  async #run(manifest: Manifest, judge: (state: TenantState) => PlannedStep[], mishap?: Mishap) {
    const graph = this.graph(mishap);
    const steps = judge(await readTenantState(graph, manifest));
    await runPlan(pending(steps), this.#context(graph, manifest, judge));
    return steps;
  }

  #context(graph: GraphClient, manifest: Manifest, judge: PlanContext['judge']): PlanContext {
    const saveSecret = async (secret: string) => {
      this.secret = secret;
    };
    return { graph, manifest, judge, saveSecret, output: { result: () => {} } };
  }
}
