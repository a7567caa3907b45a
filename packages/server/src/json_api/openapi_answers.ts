// What the API's description says of answers: of each action's success, and of errors by their status.

import { errorCodes } from '@chargeyard/contract/error_codes';
import { ErrorDocument, bytesMediaType, csvMediaType, jsonApiMediaType } from '@chargeyard/contract/json_api';
import { exampleDocument, exampleId, examplePage } from './openapi_examples.ts';
import type { Json, Schemas } from './openapi_schemas.ts';
import { singularOf } from './resource.ts';
import type { Purpose } from './routes.ts';

/**
 * Answers the Response Objects of a method's success.
 *
 * @param self the absolute URL that the example asks
 */
export function successes(does: Purpose, { self, schema }: { self: string; schema: Json }): Json {
  const notModified = {
    304: { description: 'The representation is the one that If-None-Match names.', headers: { ETag: etag } },
  };
  const single = singularOf(does.resource.type);
  if (does.action === 'delete' || does.action === 'assign' || does.action === 'remove') {
    return { 204: { description: 'It is done; there is nothing to say.' } };
  }
  if (does.action === 'download') {
    const content = { [bytesMediaType]: { schema: { type: 'string', format: 'binary' } } };
    const headers = {
      'Content-Disposition': { description: 'The name of the file.', schema: { type: 'string' } },
    };
    return { 200: { description: 'The content.', headers, content } };
  }
  if (does.action === 'order') {
    const example = exampleDocument(
      does,
      self.replace(/(remote_commands)\/.*$/, `$1/${exampleId(does.resource.type, 'uuid')}`),
      { isNew: true },
    );
    const headers = { Location: { description: 'Where its end can be read.', schema: { type: 'string' } } };
    return { 202: answer(`The new ${single}.`, schema, example, headers) };
  }
  if (does.action === 'create') {
    const id = exampleId(does.resource.type, does.resource.id);
    const example = exampleDocument(does, `${self}/${id}`, { isNew: true });
    const headers = {
      ETag: etag,
      Location: { description: 'The URL of the new resource.', schema: { type: 'string' } },
    };
    return { 201: answer(`The new ${single}.`, schema, does.answers?.example(self) ?? example, headers) };
  }
  const example =
    does.action === 'list' ? examplePage(does, self) : exampleDocument(does, self, { isNew: false });
  const description = does.action === 'list' ? 'A page of the list.' : `The ${single}.`;
  const headers = does.action === 'perform' || does.action === 'send' ? {} : { ETag: etag };
  const isRead = does.action === 'list' || does.action === 'read';
  const ok = answer(description, schema, does.answers?.example(self) ?? example, headers);
  return {
    200: does.parameters.includes('format') ? orCsv(ok) : ok,
    ...(isRead ? notModified : {}),
  };
}

const etag = {
  description: 'The entity tag, for If-None-Match and If-Match.',
  schema: { type: 'string' },
};

function answer(description: string, schema: Json, example: unknown, headers: Json) {
  const content = { schema, example };
  return { description, headers, content: { 'application/json': content, [jsonApiMediaType]: content } };
}

function orCsv({ description, headers, content }: ReturnType<typeof answer>): Json {
  const csv = {
    schema: {
      type: 'string',
      description:
        'RFC 4180 in UTF-8, with a header: id, then the attributes in their order; members of an object as name.member, ' +
        'lists as JSON. Null is empty. A text that a spreadsheet would take for a formula begins with an apostrophe.',
    },
  };
  return {
    description: `${description} Or all of it as CSV, without an ETag.`,
    headers: {
      ...headers,
      'Content-Disposition': { description: 'Of CSV: the name of a file.', schema: { type: 'string' } },
    },
    content: { ...content, [csvMediaType]: csv },
  };
}

const alwaysPossible = [400, 401, 403, 406, 415, 429, 500, 503];

/** Answers references to what a method can answer else, of those that there are codes for. */
export function errors(path: string, { action, takes, isForVersions }: Purpose): Json {
  const isChange = action === 'update' || action === 'delete';
  const possible = [
    ...alwaysPossible,
    ...(path.includes(':') ? [404] : []),
    ...(isChange || action === 'create' || action === 'perform' ? [409] : []),
    ...(action === 'send' ? [502, 504] : []),
    ...(isChange || isForVersions ? [412] : []),
    ...(action === 'list' || action === 'read' || action === 'download' ? [] : [413]),
    ...(takes === undefined ? [] : [422]),
  ];
  const statuses = [...codesByStatus().keys()].filter((status) => possible.includes(status));
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: `#/components/responses/Error${status}` }]),
  );
}

function codesByStatus(): Map<number, string[]> {
  const byStatus = new Map<number, string[]>();
  for (const [code, { status, title }] of Object.entries(errorCodes)) {
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${title}.`]);
  }
  return byStatus;
}

/** Answers the Response Objects that methods refer to. */
export function errorResponses(schemas: Schemas): Json {
  const schema = schemas.named('ErrorAnswer', ErrorDocument);
  const content = { 'application/json': { schema }, [jsonApiMediaType]: { schema } };
  return Object.fromEntries(
    [...codesByStatus()].map(([status, codes]) => [
      `Error${status}`,
      { description: codes.join(' '), content },
    ]),
  );
}
