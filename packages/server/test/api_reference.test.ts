import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { testApp } from './test_app.ts';

const app = testApp();
const require = createRequire(import.meta.url);

const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The URLs that the page names. */
async function assetsOfThePage(): Promise<string[]> {
  const { text } = await app.ask('/docs');
  return [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url = '']) => url);
}

describe('/docs', () => {
  it.each(['/docs', '/docs/', '/docs/settings'])(
    'is a page that nothing may frame and that loads from its own host only: %s',
    async (path) => {
      expect(await app.ask(path)).toMatchObject({
        status: 200,
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-cache',
          'content-security-policy': contentSecurityPolicy,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
        },
      });
    },
  );

  it('has no script, no style and no handler in the page itself', async () => {
    const { text } = await app.ask('/docs');
    expect(text).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=|\sstyle=/);
  });

  it('names files that are there, with their types', async () => {
    const served = await Promise.all(
      (await assetsOfThePage()).map(async (url) => [url, await app.ask(url)] as const),
    );
    expect(
      served.map(([url, { status, headers }]) => [
        url.replace(/^.*\//, ''),
        status,
        headers['content-type'],
        headers['cache-control'],
      ]),
    ).toEqual([
      ['favicon-32x32.png', 200, 'image/png', 'public, max-age=31536000, immutable'],
      ['swagger-ui.css', 200, 'text/css; charset=utf-8', 'public, max-age=31536000, immutable'],
      ['swagger-ui-bundle.js', 200, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
      ['page.js', 200, 'text/javascript; charset=utf-8', 'no-cache'],
      ['settings', 200, 'text/html; charset=utf-8', 'no-cache'],
    ]);
    for (const [, { headers }] of served) {
      expect(headers['content-security-policy']).toBe(contentSecurityPolicy);
    }
  });

  it.each([
    ['/docs', '/api/cpoapi/v1/'],
    ['/docs/settings', '/api/settings/v1/'],
  ])('reads the description that the server serves, and has nobody validate it: %s', async (page, below) => {
    const { text } = await app.ask(`${page}/page.js`);
    expect((await app.ask(page)).text).toContain(`src="${page}/page.js"`);
    const url = /url: '([^']+)'/.exec(text)?.[1] ?? '';
    expect(url).toContain(below);
    expect((await app.ask(url)).json()).toMatchObject({ openapi: expect.stringMatching(/^3\.1\./) });
    expect(text).toContain('validatorUrl: null');
  });

  it('has files that a new version of the package does not mix with, whole and compressed', async () => {
    const [css = ''] = (await assetsOfThePage()).filter((url) => url.endsWith('.css'));
    const { version } = require('swagger-ui-dist/package.json') as { version: string };
    expect(css).toBe(`/docs/${version}/swagger-ui.css`);
    const file = await readFile(require.resolve('swagger-ui-dist/swagger-ui.css'));
    expect(await bytesOf(css, {})).toEqual(file);
    expect(gunzipSync(await bytesOf(css, { 'accept-encoding': 'br, gzip' }))).toEqual(file);
    expect(await bytesOf(css, { 'accept-encoding': 'gzip;q=0' })).toEqual(file);
  });

  it('is not sent again to whom has it', async () => {
    const { headers } = await app.ask('/docs');
    const again = await app.ask('/docs', { headers: { 'if-none-match': headers.etag ?? '' } });
    expect(again).toMatchObject({ status: 304, text: '' });
  });

  it('refuses other methods, and other files', async () => {
    expect(await app.ask('/docs', { method: 'POST' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
    expect((await app.ask('/docs/../../package.json')).status).toBe(404);
    expect((await app.ask('/docs/0.0.0/swagger-ui.css')).status).toBe(404);
  });
});

function bytesOf(path: string, headers: Record<string, string>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: 'localhost', port: app.port, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks)));
    });
    sent.on('error', reject);
    sent.end();
  });
}
