// A single resource: reads (JSON:API 1.1 §6.1), changes (§9.2) and deletions (§9.4), conditional where they ask for it.

import { shownAttributes, writtenSchema } from '@chargeyard/contract/resource';
import type { ResourceDeclaration } from '@chargeyard/contract/resource';
import type { Row } from '../store/index.ts';
import { bodyReader } from './body.ts';
import { changedSince, isKnown, requireVersion, tagOfSingle } from './entity_tags.ts';
import { sparseAttributes } from './list_query.ts';
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
import { pointing, valuesIn } from './written_values.ts';

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
  { store, clock }: ResourceDeps,
  within: Within,
): Method {
  const { declaration } = resource;
  const writers = writersOf(resource);
  const supported = [`fields[${declaration.type}]`];
  return {
    scope: scopeOf(declaration, 'read'),
    does: { action: 'read', resource: declaration, parameters: supported },
    async answer(asked) {
      const parameters = queryParameters(asked.query, supported);
      const write = writers(sparseAttributes(declaration, parameters));
      parameters.throwFaults();
      const row = await getRow(resource, store, asked, {
        now: clock.now(),
        given: await within.given(asked),
      });
      return singleAnswer(resource, asked, row, write(row), asked.url + queryOf(parameters));
    },
  };
}

function updateMethod<Field extends string>(
  resource: SingleResource<Field>,
  { store, clock }: ResourceDeps,
  within: Within,
): Method | undefined {
  const { declaration, update } = resource;
  if (update === undefined) return undefined;
  const read = bodyReader(declaration, 'update');
  const write = writersOf(resource)(shownAttributes(declaration).map(([name]) => name));
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
      const known = await getRow(resource, store, asked, { now, given });
      const { values, body } = valuesIn(resource, read, asked, given);
      const ifUpdatedAt = versionToChange(resource, asked, known);
      const id = idOf(asked);
      const row = await pointing(resource, body, () =>
        store.inTransaction(async (tables) => {
          if (!(await update({ tables, principal, values, now, id, ifUpdatedAt })))
            throw goneOrChanged(declaration, ifUpdatedAt);
          return getRow(resource, tables, asked, { now, given });
        }),
      );
      return singleAnswer(resource, { ...asked, headers: {} }, row, write(row), asked.url);
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
  asked: Asked,
  row: Row,
  data: string,
  self: string,
): Answer {
  const json = documentOf(data, self);
  const etag = tagOfSingle(versionOf(resource, row), json);
  if (isKnown(asked.headers['if-none-match'], etag)) return { status: 304, headers: { etag } };
  return { status: 200, json, headers: { etag } };
}

function goneOrChanged(declaration: ResourceDeclaration, ifUpdatedAt: string | undefined) {
  return ifUpdatedAt === undefined ? missing(declaration) : changedSince();
}

/** Without If-Match, or with `*`, a change is meant for whatever is there; else for the version that was read just now. */
function versionToChange<Field extends string>(
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
