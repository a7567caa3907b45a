// events: what happens, as a stream of server-sent events. docs/events.md tells integrators how to use it.

import { eventTypes } from '@chargeyard/contract/events';
import { errorCodes } from '@chargeyard/contract/error_codes';
import { isIdOf, queryParameters, refused } from '../json_api/index.ts';
import type { StreamAsked, StreamRoute } from '../json_api/index.ts';

/** Answers the text of an event stream; undefined where `after` is no id of an event. */
export type Listen = (listening: {
  readonly tenantId: string;
  readonly after: string | undefined;
  readonly types: readonly string[] | undefined;
  readonly stationIds: readonly string[] | undefined;
  readonly visibility: () => StreamAsked['principal']['visibility'];
  readonly signal: AbortSignal;
}) => Promise<AsyncIterable<string> | undefined>;

const scope = 'cpoapi:events:read';
const path = '/events';
const mostOfCaller = 10;
// So that one tenant with many API clients and users leaves room for the others.
const mostOfTenant = 200;
const parameters = ['lastEventId', 'filter[type]', 'filter[cpId]'];

export function eventStream(listen: Listen): StreamRoute {
  const open = new Map<string, number>();
  const countOf = (key: string) => open.get(key) ?? 0;

  /** Counts the streams of a caller and of the tenant, until the signal is aborted. */
  function count({ principal, signal }: StreamAsked): void {
    const { tenantId } = principal.visibility;
    const limits = [
      { key: `${tenantId}/${principal.callerId}`, most: mostOfCaller, whose: 'a caller' },
      { key: tenantId, most: mostOfTenant, whose: 'a tenant' },
    ];
    const reached = limits.find(({ key, most }) => countOf(key) >= most);
    if (reached !== undefined) {
      const { most, whose } = reached;
      throw refused('too_many_requests', `No more than ${most} event streams of ${whose} at once.`);
    }
    for (const { key } of limits) open.set(key, countOf(key) + 1);
    signal.addEventListener(
      'abort',
      () => {
        for (const { key } of limits) {
          if (countOf(key) === 1) open.delete(key);
          else open.set(key, countOf(key) - 1);
        }
      },
      { once: true },
    );
  }

  return {
    path,
    scope,
    async open(asked) {
      const wanted = wantedIn(asked);
      count(asked);
      const text = await listen({
        tenantId: asked.principal.visibility.tenantId,
        ...wanted,
        visibility: () => asked.present().visibility,
        signal: asked.signal,
      });
      if (text !== undefined) return text;
      throw refused('bad_request', 'This is no id of an event.', {
        source: isInHeader(asked) ? { header: 'Last-Event-ID' } : { parameter: 'lastEventId' },
      });
    },
  };
}

const isInHeader = ({ headers }: StreamAsked) => headers['last-event-id'] !== undefined;

/** @throws {RequestRefused} unknown_parameter, repeated_parameter, invalid_parameter */
function wantedIn({ query, headers }: StreamAsked) {
  const given = queryParameters(query, parameters);
  const list = (name: string) => given.get(name)?.split(',');
  const [types, stationIds] = [list('filter[type]'), list('filter[cpId]')];
  if (types?.some((type) => !eventTypes.some((known) => known === type))) {
    given.refuse('filter[type]', `It takes ${eventTypes.join(', ')}.`);
  }
  if (stationIds?.some((id) => !isIdOf('uuid', id))) given.refuse('filter[cpId]', 'It takes UUIDs.');
  given.throwFaults();
  const header = headers['last-event-id'];
  return {
    // A browser sends the header when it comes again; the parameter is where it began.
    after: typeof header === 'string' ? header : given.get('lastEventId'),
    types,
    stationIds: stationIds?.map((id) => id.toLowerCase()),
  };
}

const parameter = (name: string, description: string, schema: object) => ({
  name,
  in: 'query',
  description,
  schema,
  style: 'form',
  explode: false,
});
const listOf = (items: object) => ({ type: 'array', items, minItems: 1 });

/** What the API's description says of the stream, below the API's path. */
export function eventStreamDescription(basePath: string) {
  const statuses = [400, 401, 403, 429, 500, 503].filter((status) =>
    Object.values(errorCodes).some((code) => code.status === status),
  );
  return {
    tag: 'events',
    paths: {
      [basePath + path]: {
        get: {
          operationId: 'listenToEvents',
          summary: 'Listen to what happens',
          description:
            'Server-sent events without an end: docs/events.md. Ends when the access token does; come again with Last-Event-ID.',
          tags: ['events'],
          security: [{ bearer: [] }, { session: [scope] }],
          parameters: [
            {
              name: 'Last-Event-ID',
              in: 'header',
              description: 'The id of the event after which it goes on; from now on without it.',
              schema: { type: 'string' },
            },
            parameter('lastEventId', 'The same, for clients that cannot send the header.', {
              type: 'string',
            }),
            parameter(
              'filter[type]',
              'Only events of these types.',
              listOf({ type: 'string', enum: eventTypes }),
            ),
            parameter(
              'filter[cpId]',
              'Only events of these stations.',
              listOf({ type: 'string', format: 'uuid' }),
            ),
          ],
          responses: {
            200: {
              description: 'The stream.',
              content: {
                'text/event-stream': {
                  schema: { type: 'string' },
                  example:
                    'id: 812-4711-1795000000000\nevent: station.connected\ndata: {"id":"812-4711-1795000000000",' +
                    '"type":"station.connected","timestamp":"2026-11-18T10:26:40.000Z",' +
                    '"cpId":"01a21033-a00e-775b-9000-000000000001","data":{"ocppVersion":"1.6"}}\n\n',
                },
              },
            },
            ...Object.fromEntries(
              statuses.map((status) => [status, { $ref: `#/components/responses/Error${status}` }]),
            ),
          },
        },
      },
    },
  };
}
