// What is done to a single resource beside changes of its attributes, at a path of its own below it:
// `POST /webhooks/:id/test`. It answers the resource as it is then.

import { shownAttributes } from '@chargeyard/contract/resource';
import type { Row, Tables } from '../store/index.ts';
import { notKept } from './create_method.ts';
import { queryParameters } from './parameters.ts';
import type { QueryParameters } from './parameters.ts';
import { documentOf, getRow, idOf, scopeOf, writersOf } from './resource.ts';
import type { Created, Resource, ResourceDeps } from './resource.ts';
import type { Asked, Method, Purpose, Route } from './routes.ts';

export type Performance = Pick<Purpose, 'isForVersions' | 'showsOnce'> & {
  /** The last segment of its path. */
  readonly path: string;
  /** The operationId. */
  readonly name: string;
  readonly summary: string;
  /** The query parameters that it knows; its `perform` has their faults thrown. */
  readonly parameters?: readonly string[];
  /** Does it, and answers the resource's row, with what is shown only once where there is such. */
  perform(performed: {
    readonly asked: Asked;
    readonly id: string;
    readonly now: Date;
    readonly parameters: QueryParameters;
    /** Answers the resource's row; throws {RequestRefused} not_found. */
    readonly read: (tables: Tables) => Promise<Row>;
  }): Promise<{ readonly row: Row; readonly shownOnce?: Created['shownOnce'] }>;
};

export function performRoute<Field extends string>(
  resource: Resource<Field>,
  { clock }: ResourceDeps,
  performance: Performance,
): Route {
  const { declaration } = resource;
  const { path, name, summary, parameters: supported = [], isForVersions, showsOnce } = performance;
  const { write } = writersOf(resource)(shownAttributes(declaration).map(([attribute]) => attribute));
  const method: Method = {
    scope: scopeOf(declaration, 'write'),
    does: {
      action: 'perform',
      name,
      summary,
      resource: declaration,
      parameters: supported,
      ...(isForVersions && { isForVersions }),
      ...(showsOnce && { showsOnce }),
    },
    async answer(asked) {
      const parameters = queryParameters(asked.query, supported);
      if (supported.length === 0) parameters.throwFaults();
      const now = clock.now();
      const read = (tables: Tables) => getRow(resource, tables, asked, { now, given: {} });
      const { row, shownOnce } = await performance.perform({ asked, id: idOf(asked), now, parameters, read });
      const json = documentOf(write(row), asked.url.replace(/\/\w+\/?$/, ''), { shownOnce });
      return shownOnce === undefined ? { status: 200, json } : notKept({ status: 200, json });
    },
  };
  return { path: `${resource.path}/:id/${path}`, methods: { POST: method } };
}
