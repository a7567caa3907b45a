import { beforeAll, describe, expect, it } from 'vitest';
import { aTenant, anAccessToken, anApiClient } from '../builders.ts';
import { testApp } from '../test_app.ts';
import type { TestApp } from '../test_app.ts';

const path = '/api/cpoapi/v1/charging_stations/';
const forwarded = { 'x-forwarded-host': 'demo.charging.example', 'x-forwarded-proto': 'https' };

/** A server with one API client; the bare parts of `links.self` and of a token's issuer are what the tests compare. */
function described(app: TestApp) {
  const made = { slug: '', authorization: '', credentials: '' };
  beforeAll(async () => {
    const tenant = await aTenant(app.store);
    const client = await anApiClient(app.store, tenant.id);
    made.slug = tenant.slug;
    made.credentials = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.clientSecret,
    }).toString();
    made.authorization = await anAccessToken(app.origin, client);
  });
  const originShown = async (host?: string, headers: Record<string, string> = {}): Promise<string> => {
    const answer = await app.ask(path, {
      ...(host === undefined ? {} : { host }),
      headers: { authorization: made.authorization, ...headers },
    });
    expect(answer.status).toBe(200);
    const { links } = answer.json<{ links: Record<string, string> }>();
    const origins = Object.values(links).map((link) => link.slice(0, link.indexOf(path)));
    expect(new Set(origins).size).toBe(1);
    return origins[0] ?? '';
  };
  const issuerShown = async (headers: Record<string, string> = {}): Promise<unknown> =>
    (await app.ask('/.well-known/oauth-authorization-server', { headers })).json<{ issuer: string }>().issuer;
  return { made, originShown, issuerShown };
}

describe('without a trusted proxy, links', () => {
  const app = testApp();
  const { made, originShown, issuerShown } = described(app);

  it('are on the bare host when that was asked', async () => {
    expect(await originShown()).toBe(`http://localhost:${app.port}`);
  });

  it('are on the tenant’s host when that was asked', async () => {
    expect(await originShown(`${made.slug}.localhost`)).toBe(`http://${made.slug}.localhost:${app.port}`);
  });

  it('do not believe X-Forwarded-* headers, nor does the issuer', async () => {
    expect(await originShown(undefined, forwarded)).toBe(`http://localhost:${app.port}`);
    expect(await issuerShown(forwarded)).toBe(`http://localhost:${app.port}`);
  });

  it('are whole when the request names its target in absolute form (RFC 9112 §3.2.2)', async () => {
    const answer = await app.ask(`http://localhost:${app.port}${path}`, {
      headers: { authorization: made.authorization },
    });
    expect(answer.json()).toMatchObject({
      links: { first: `http://localhost:${app.port}${path}?page%5Blimit%5D=50&page%5Boffset%5D=0` },
    });
  });
});

describe('behind a trusted proxy, links', () => {
  const app = testApp({ trustedProxies: ['127.0.0.1', '::1'], baseDomain: 'charging.example' });
  const { made, originShown, issuerShown } = described(app);
  const own = () => ({ 'x-forwarded-host': `${made.slug}.charging.example`, 'x-forwarded-proto': 'https' });

  it('are on the forwarded host by the forwarded scheme, and so is the issuer', async () => {
    expect(await originShown(undefined, own())).toBe(`https://${made.slug}.charging.example`);
    expect(await issuerShown(own())).toBe(`https://${made.slug}.charging.example`);
  });

  it('keep the forwarded host’s port', async () => {
    expect(await originShown(undefined, { ...own(), 'x-forwarded-host': 'charging.example:8443' })).toBe(
      'https://charging.example:8443',
    );
  });

  it('are on the host that was asked when nothing was forwarded', async () => {
    expect(await originShown()).toBe(`http://localhost:${app.port}`);
  });

  it('stay with the tenant: its token is refused when another tenant’s host is forwarded', async () => {
    const answer = await app.ask(path, { headers: { authorization: made.authorization, ...forwarded } });
    expect(answer.status).toBe(401);
    const own401 = await app.ask(path, { headers: { authorization: made.authorization, ...own() } });
    expect(own401.status).toBe(200);
  });

  it('stay with the tenant at the token endpoint too', async () => {
    const at = `/token?${made.credentials}`;
    const foreign = await app.ask(at, { method: 'POST', headers: forwarded });
    const its = await app.ask(at, { method: 'POST', headers: own() });
    expect([foreign.json(), its.json()]).toMatchObject([
      { error: 'invalid_client' },
      { token_type: 'Bearer' },
    ]);
  });
});

describe('with a trusted proxy elsewhere, links', () => {
  const app = testApp({ trustedProxies: ['192.0.2.1'] });
  const { originShown } = described(app);

  it('do not believe X-Forwarded-* headers of others', async () => {
    expect(await originShown(undefined, forwarded)).toBe(`http://localhost:${app.port}`);
  });
});
