import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { MetadataSource } from '../entra/MetadataSource.ts';
import { type Counts, limitRate } from '../runtime/rateLimit.ts';
import { refusalOf } from '../runtime/redisProbe.ts';
import { requestId, requestLog } from '../runtime/requestLog.ts';
import { type AccessTokenRules, accessTokenVerifier } from './accessToken.ts';
import { answerErrors, Problem, tooManyWrites } from './errors.ts';
import { callerOf, requirePermission } from './permissions.ts';
import { readJson } from './requestBody.ts';
import type { TodoStore } from './TodoStore.ts';
import { todoController } from './todoController.ts';

export interface ApiDependencies extends AccessTokenRules {
  readonly metadata: Pick<MetadataSource, 'current' | 'ready'>;
  readonly store: TodoStore;
  /** How many changes one caller may make in a minute. */
  readonly writesPerMinute: number;
  readonly counts: Counts;
  /** Whether the process is stopping; `/readyz` then answers 503. */
  readonly isStopping?: () => boolean;
}

const nothing = ["'none'"];

/** The API is not for browsers: nothing in a response may be loaded, run or framed. */
const closed = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: nothing, baseUri: nothing, formAction: nothing, frameAncestors: nothing },
  },
  xFrameOptions: { action: 'deny' },
});

/** Builds the to-do API: everything that happens to a request, in order. */
export function createApi(dependencies: ApiDependencies): Express {
  const { log, store, metadata, counts, writesPerMinute, isStopping = () => false } = dependencies;
  const todos = todoController(store);
  const verify = accessTokenVerifier(dependencies);
  const mayRead = requirePermission('read', verify);
  const mayWrite = requirePermission('write', verify);
  const mayCreate = requirePermission('create', verify);
  const body = readJson();
  const limit = limitRate({
    perMinute: writesPerMinute,
    counts: counts('api:v1:rate:write:'),
    // Not per address: all customers' changes come from the web app's address.
    keyOf: (_request, response) => callerOf(response).key,
    refusal: tooManyWrites,
  });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(closed, noStore);

  app.get('/livez', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', async (_request, response) => {
    const failure: unknown = await store.check().catch((error: unknown) => error);
    const states = { tenant: metadata.ready(), store: failure === undefined, accepting: !isStopping() };
    const status = Object.values(states).every(Boolean) ? 200 : 503;
    response.status(status).json({ ...states, redis: refusalOf(failure) });
  });
  app.all(['/livez', '/readyz'], only('GET, HEAD'));
  app.use(requestId, requestLog(log));

  app.get('/api/todolist', mayRead, todos.list);
  app.post('/api/todolist', mayCreate, limit, body, todos.create);
  app.all('/api/todolist', only('GET, HEAD, POST'));

  app.get('/api/todolist/:id', mayRead, todos.show);
  app.put('/api/todolist/:id', mayWrite, limit, body, todos.change);
  app.delete('/api/todolist/:id', mayWrite, limit, todos.remove);
  app.all('/api/todolist/:id', only('GET, HEAD, PUT, DELETE'));

  app.use(() => {
    throw new Problem(404, 'There is nothing here.');
  });
  app.use(answerErrors(log));
  return app;
}

const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

function only(methods: string): RequestHandler {
  return () => {
    throw new Problem(405, `Use ${methods}.`, { Allow: methods });
  };
}
