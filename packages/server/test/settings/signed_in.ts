// People who sign in at the settings API of a file's server, as a browser would.

import { aUser } from '../builders.ts';
import type { Answer, TestApp } from '../test_app.ts';
import type { Caller } from '../cpoapi/caller.ts';

export const settingsBase = '/api/settings/v1';
export const password = 'correct horse battery';

type Asking = { readonly headers?: Readonly<Record<string, string>>; readonly host?: string };

/** Sends a request to the settings API. A body that is no text is sent as JSON. */
export function askSettings(
  app: TestApp,
  method: string,
  at: string,
  body?: unknown,
  { headers = {}, host }: Asking = {},
): Promise<Answer> {
  return app.ask(at.startsWith('/api/') ? at : settingsBase + at, {
    method,
    ...(host === undefined ? {} : { host }),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

export function signIn(
  app: TestApp,
  credentials: { tenant?: string; email: string; password?: string },
  asking: Asking = {},
): Promise<Answer> {
  return askSettings(app, 'POST', '/session', { password, ...credentials }, asking);
}

/** Answers the Cookie header that a browser sends after an answer that set one. */
export function cookieOf({ headers }: Answer): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** A user who has signed in on the bare host, and asks the settings API, or with `/api/…` any other. */
export async function aSignedIn(
  app: TestApp,
  tenant: { id: string; slug: string },
  options: Parameters<typeof aUser>[2] = {},
): Promise<{ user: { id: number; uuid: string; email: string }; cookie: string; call: Caller }> {
  const user = await aUser(app.store, tenant.id, { password, ...options });
  const answer = await signIn(app, { tenant: tenant.slug, email: user.email });
  if (answer.status !== 200) throw new Error(`not signed in: ${answer.status} ${answer.text}`);
  const cookie = cookieOf(answer);
  return { user, cookie, call: callerWithCookie(app, cookie) };
}

export function callerWithCookie(app: TestApp, cookie: string): Caller {
  return (method, at, body, headers = {}) =>
    askSettings(app, method, at, body, { headers: { cookie, ...headers } });
}
