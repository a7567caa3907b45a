// Creation (JSON:API 1.1 §9.1), at most once for each Idempotency-Key.

import { hash, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { shownAttributes, writtenSchema } from '@chargeyard/contract/resource';
import type { IdempotencyKey, Tables } from '../store/index.ts';
import { tagOfSingle } from './entity_tags.ts';
import { refused } from './errors.ts';
import { queryParameters } from './parameters.ts';
import { documentOf, scopeOf, versionOf, writersOf } from './resource.ts';
import type { Resource, ResourceDeps, Within } from './resource.ts';
import type { Answer, Asked, Method } from './routes.ts';
import { pointing, valuesReader } from './written_values.ts';

export function createMethod<Field extends string>(
  resource: Resource<Field>,
  { store, clock, registry }: ResourceDeps,
  within: Within,
): Method | undefined {
  const { declaration, create } = resource;
  if (create === undefined) return undefined;
  const secrets = Object.keys(declaration.attributes).filter(
    (name) => declaration.attributes[name]?.isSecret,
  );
  const readValues = valuesReader(resource, registry, 'creation');
  const { write } = writersOf(resource)(shownAttributes(declaration).map(([name]) => name));
  return {
    scope: scopeOf(declaration, 'write'),
    does: {
      action: 'create',
      resource: declaration,
      parameters: [],
      takes: writtenSchema(declaration, 'creation', within.attributes),
      ...(declaration.shownOnce === undefined ? {} : { showsOnce: true }),
    },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const given = await within.given(asked);
      const now = clock.now();
      const { principal } = asked;
      const key = idempotencyKeyOf(asked);
      const claim = key && { key, requestHash: await requestHashOf(asked, key, secrets) };
      const { body, checked } = await readValues(asked, given);
      return store.inTransaction(async (tables) => {
        const recorded = claim && (await recordedAnswer(tables, claim, now));
        if (recorded !== undefined) return createdAnswer(recorded);
        const values = await checked({ tables, now });
        const made = await pointing(resource, body, () => create({ tables, principal, values, now }));
        const { id, shownOnce } = typeof made === 'string' ? { id: made, shownOnce: undefined } : made;
        const row = await resource.find(tables, principal.visibility, id, now);
        if (row === undefined) {
          throw new Error(`the new ${declaration.type} ${id} is not visible to its creator`);
        }
        const location = `${asked.url.replace(/\/$/, '')}/${id}`;
        const json = documentOf(write(row), location);
        const created = { location, body: json, etag: tagOfSingle(versionOf(resource, row), json) };
        // What is shown once is neither kept nor shown to the request that comes again.
        if (key) await tables.idempotentRequests.record(key, created);
        return shownOnce === undefined
          ? createdAnswer(created)
          : notKept(createdAnswer({ ...created, body: documentOf(write(row), location, { shownOnce }) }));
      });
    },
  };
}

/**
 * Answers what was answered to the same request before; undefined when it is the first with its key.
 *
 * @throws {RequestRefused} idempotency_key_reused when the key came with another request
 */
async function recordedAnswer(
  tables: Tables,
  { key, requestHash }: { key: IdempotencyKey; requestHash: string },
  now: Date,
) {
  const recorded = await tables.idempotentRequests.claim(key, { requestHash, now });
  if (recorded === undefined || recorded.requestHash === requestHash) return recorded;
  throw refused('idempotency_key_reused', 'This Idempotency-Key was sent with another request before.', {
    source: { header: 'Idempotency-Key' },
  });
}

/** Answers what tells the request from others. From that of a body with a password, the password must not be guessed. */
export async function requestHashOf(
  { url, body }: Asked,
  { key }: IdempotencyKey,
  secrets: readonly string[],
) {
  // The same request may be repeated on another of our hosts, or with a trailing slash.
  const path = url.replace(/^https?:\/\/[^/]*/, '').replace(/\/$/, '');
  const text = `${path}\n${String(body)}`;
  // A name can be written with escapes.
  const mayHoldOne =
    secrets.some((name) => text.includes(name)) || (secrets.length > 0 && text.includes('\\u'));
  if (!mayHoldOne) return hash('sha256', text);
  return (await slowHash(text, key, 32)).toString('hex');
}

const slowHash = promisify<string, string, number, Buffer>(scrypt);

function createdAnswer({ location, body, etag }: { location: string; body: string; etag: string }): Answer {
  return { status: 201, json: body, headers: { location, etag } };
}

/** No cache on the way keeps an answer with a secret. */
export function notKept(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, 'cache-control': 'no-store' } };
}

export function idempotencyKeyOf({ headers, principal }: Asked) {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw refused(
      'bad_request',
      'An Idempotency-Key has 1 to 255 printable ASCII characters without spaces.',
      {
        source: { header: 'Idempotency-Key' },
      },
    );
  }
  return { tenantId: principal.visibility.tenantId, callerId: principal.callerId, key };
}
