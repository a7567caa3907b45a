// /docs: the APIs' descriptions as pages to browse and to try requests from. The page is Swagger UI, served from the
// package's own files, so it works without the internet; the Content-Security-Policy keeps it that way.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuseOtherMethods } from './json_api/index.ts';

const require = createRequire(import.meta.url);
const { version } = require('swagger-ui-dist/package.json') as { version: string };
// The version is in the path, so that a file may be kept for good and an upgrade is seen at once.
const folder = `/docs/${version}`;

// Swagger UI sets styles from its script, which style-src allows, and shows icons from data: URLs.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A page of an API. */
export type Reference = {
  readonly path: string;
  readonly title: string;
  /** The path of the OpenAPI document. */
  readonly descriptionUrl: string;
};

const pageOf = ({ path, title, descriptionUrl }: Reference, all: readonly Reference[]) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Chargeyard ${title}</title>
    <link rel="icon" type="image/png" href="${folder}/favicon-32x32.png" />
    <link rel="stylesheet" href="${folder}/swagger-ui.css" />
    <script defer src="${folder}/swagger-ui-bundle.js"></script>
    <script defer src="${path}/page.js"></script>
  </head>
  <body>
    <nav class="swagger-ui"><div class="wrapper">${all.map((other) => linkTo(other, path)).join(' · ')}</div></nav>
    <main id="reference"></main>
    <noscript>This page needs JavaScript; the description itself is at ${descriptionUrl}.</noscript>
  </body>
</html>
`;

const linkTo = ({ path, title }: Reference, here: string) =>
  path === here ? `<b>${title}</b>` : `<a class="link" href="${path}">${title}</a>`;

// validatorUrl: Swagger UI would send the description to swagger.io otherwise, to be validated there.
// docExpansion: two hundred calls are ten screens, and their groups are one.
const scriptOf = ({ descriptionUrl }: Reference) => `SwaggerUIBundle({
  url: '${descriptionUrl}',
  dom_id: '#reference',
  validatorUrl: null,
  deepLinking: true,
  docExpansion: 'none',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
});
`;

const assets = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const;

/** Serves a page for each API; each leads to the others. */
export function apiReference(app: FastifyInstance, references: readonly Reference[]): void {
  const serve = (path: string, type: string, text: () => Promise<Buffer> | Buffer, caching: string) => {
    let loaded: Promise<Loaded> | undefined;
    app.get(path, async (request, reply) => {
      loaded ??= load(text).catch((error: unknown) => {
        loaded = undefined;
        throw error;
      });
      return send(request, reply.type(type).header('cache-control', caching), await loaded);
    });
    refuseOtherMethods(app, path, ['GET', 'HEAD']);
  };
  for (const reference of references) {
    const [page, script] = [pageOf(reference, references), scriptOf(reference)];
    serve(reference.path, 'text/html; charset=utf-8', () => Buffer.from(page), 'no-cache');
    serve(
      `${reference.path}/page.js`,
      'text/javascript; charset=utf-8',
      () => Buffer.from(script),
      'no-cache',
    );
  }
  for (const [name, type] of Object.entries(assets)) {
    const file = () => readFile(require.resolve(`swagger-ui-dist/${name}`));
    serve(`${folder}/${name}`, type, file, 'public, max-age=31536000, immutable');
  }
}

type Loaded = { readonly bytes: Buffer; readonly compressed: Buffer; readonly etag: string };

async function load(text: () => Promise<Buffer> | Buffer): Promise<Loaded> {
  const bytes = await text();
  const etag = `"${createHash('sha1').update(bytes).digest('base64url')}"`;
  return { bytes, compressed: await promisify(gzip)(bytes), etag };
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { bytes, compressed, etag }: Loaded,
): FastifyReply {
  reply.headers({
    etag: `W/${etag}`,
    vary: 'accept-encoding',
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  });
  if (request.headers['if-none-match']?.includes(etag)) return reply.code(304).send();
  if (!/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(request.headers['accept-encoding'] ?? ''))
    return reply.send(bytes);
  return reply.header('content-encoding', 'gzip').send(compressed);
}
