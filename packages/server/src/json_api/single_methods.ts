// A single resource: reads (JSON:API 1.1 §6.1), changes (§9.2) and deletions (§9.4), conditional where they ask for it.

import { shownAttributes, writtenSchema } from '@chargeyard/contract/resource';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { Row } from '../store/index.ts';
import { compoundParameters, compoundWriters } from './compound_documents.ts';
import { changedSince, isKnown, requireVersion, tagOfSingle } from './entity_tags.ts';
import { queryParameters } from './parameters.ts';
import type { QueryParameters } from './parameters.ts';
import {
  documentOf,
  getRow,
  idOf,
  missing,
  scopeOf,
  versionOf,
  withinNothing,
  writersOf,
} from './resource.ts';
import type { ResourceDeps, SingleResource, Within } from './resource.ts';
import type { Answer, Asked, Method, MethodName } from './routes.ts';
import { pointing, valuesReader } from './written_values.ts';

/** The methods of a single resource: read, change (PUT is as partial as PATCH), deletion. */
export function singleMethods<Field extends string>(
  resource: SingleResource<Field>,
  deps: ResourceDeps,
  within: Within = withinNothing,
): Partial<Record<MethodName, Method>> {
  const change = updateMethod(resource, deps, within);
  const deletion = deleteMethod(resource, deps, within);
  return {
    GET: readMethod(resource, deps, within),
    ...(change === undefined ? {} : { PUT: change, PATCH: change }),
    ...(deletion === undefined ? {} : { DELETE: deletion }),
  };
}

function readMethod<Field extends string>(
  resource: SingleResource<Field>,
  { store, clock, registry }: ResourceDeps,
  within: Within,
): Method {
  const { declaration } = resource;
  const writers = compoundWriters(resource, registry);
  const supported = [`fields[${declaration.type}]`, ...compoundParameters(declaration)];
  return {
    scope: scopeOf(declaration, 'read'),
    does: { action: 'read', resource: declaration, parameters: supported },
    async answer(asked) {
      const parameters = queryParameters(asked.query, supported);
      const { principal } = asked;
      const { requireScopes, write } = writers(parameters);
      parameters.throwFaults();
      requireScopes(principal);
      const now = clock.now();
      const row = await getRow(resource, store, asked, { now, given: await within.given(asked) });
      const { data, included } = await write([row], { tables: store, principal, now });
      const json = documentOf(data.join(), asked.url + queryOf(parameters), { included });
      return singleAnswer(resource, row, json, asked.headers['if-none-match']);
    },
  };
}

function updateMethod<Field extends string>(
  resource: SingleResource<Field>,
  { store, clock, registry }: ResourceDeps,
  within: Within,
): Method | undefined {
  const { declaration, update } = resource;
  if (update === undefined) return undefined;
  const readValues = valuesReader(resource, registry, 'update');
  const { write } = writersOf(resource)(shownAttributes(declaration).map(([name]) => name));
  return {
    scope: scopeOf(declaration, 'write'),
    does: {
      action: 'update',
      resource: declaration,
      parameters: [],
      takes: writtenSchema(declaration, 'update'),
    },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const { principal } = asked;
      const now = clock.now();
      const given = await within.given(asked);
      const id = idOf(asked);
      const { body, checked } = await readValues(asked, given);
      return store.inTransaction(async (tables) => {
        const known = await getRow(resource, tables, asked, { now, given });
        const values = await checked({ tables, now, known });
        const ifUpdatedAt = versionToChange(resource, asked, known);
        const isChanged = await pointing(resource, body, () =>
          update({ tables, principal, values, now, id, ifUpdatedAt }),
        );
        if (!isChanged) throw goneOrChanged(declaration, ifUpdatedAt);
        const row = await getRow(resource, tables, asked, { now, given });
        return singleAnswer(resource, row, documentOf(write(row), asked.url));
      });
    },
  };
}

function deleteMethod<Field extends string>(
  resource: SingleResource<Field>,
  { store, clock }: ResourceDeps,
  within: Within,
): Method | undefined {
  const { declaration } = resource;
  const remove = resource.delete;
  if (remove === undefined) return undefined;
  return {
    scope: scopeOf(declaration, 'write'),
    does: { action: 'delete', resource: declaration, parameters: [] },
    async answer(asked) {
      queryParameters(asked.query, []).throwFaults();
      const now = clock.now();
      const known = await getRow(resource, store, asked, { now, given: await within.given(asked) });
      const ifUpdatedAt = versionToChange(resource, asked, known);
      const { principal } = asked;
      await pointing(resource, undefined, () =>
        store.inTransaction(async (tables) => {
          if (!(await remove({ tables, principal, now, id: idOf(asked), ifUpdatedAt }))) {
            throw goneOrChanged(declaration, ifUpdatedAt);
          }
        }),
      );
      return { status: 204 };
    },
  };
}

function singleAnswer<Field extends string>(
  resource: SingleResource<Field>,
  row: Row,
  json: string,
  ifNoneMatch?: string,
): Answer {
  const etag = tagOfSingle(versionOf(resource, row), json);
  if (isKnown(ifNoneMatch, etag)) return { status: 304, headers: { etag } };
  return { status: 200, json, headers: { etag } };
}

/** Answers the refusal of a change that found nothing of the version that it was meant for. */
export function goneOrChanged(declaration: ResourceDeclaration, ifUpdatedAt: string | undefined) {
  return ifUpdatedAt === undefined ? missing(declaration) : changedSince();
}

/**
 * Answers the version that a change is meant for: undefined, for whatever is there, without If-Match or with `*`; else that
 * which was read just now.
 *
 * @throws {RequestRefused} precondition_failed when If-Match names others only
 */
export function versionToChange<Field extends string>(
  resource: SingleResource<Field>,
  asked: Asked,
  row: Row,
): string | undefined {
  const ifMatch = asked.headers['if-match'];
  const version = versionOf(resource, row);
  requireVersion(ifMatch, version);
  return ifMatch === undefined || ifMatch.trim() === '*' ? undefined : version;
}

function queryOf(parameters: QueryParameters): string {
  const kept = new URLSearchParams(parameters.all.map(([name, value]) => [name, value])).toString();
  return kept === '' ? '' : `?${kept}`;
}
