import { HttpClientError } from '../../runtime/httpClient.ts';
import type { CheckContext } from '../checkContext.ts';
import { type Finding, fail, ok, warn } from '../finding.ts';

const name = 'to-do API';

/** Whether the to-do API answers, and refuses requests without an access token. */
export async function checkTodoApi({ web, headless, http }: CheckContext): Promise<Finding[]> {
  const url = (web ?? headless)?.todoApiUrl;
  if (!url) return [];
  try {
    const { status, headers } = await http.request({ method: 'GET', url: `${url}/api/todolist` });
    return [judge(url, status, headers['www-authenticate'] ?? '')];
  } catch (error) {
    if (!(error instanceof HttpClientError)) throw error;
    const fix = 'start it (npm run start:api), or correct TODO_API_URL';
    return [fail(name, `no usable answer at TODO_API_URL: ${error.message}`, fix)];
  }
}

function judge(url: string, status: number, challenge: string): Finding {
  if (status !== 401) {
    return fail(name, `${url}/api/todolist answers ${status} without an access token, not 401`, 'correct TODO_API_URL');
  }
  if (/^Bearer realm="todo"/.test(challenge)) return ok(name, `answers at ${url}`);
  const fix = "correct TODO_API_URL, unless you use another API with the same contract, such as Microsoft's";
  return warn(name, `the API at ${url} is not this project's`, fix);
}
