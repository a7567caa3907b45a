// How remote commands end, each once: with what the station answered, or why it did not. Whoever ordered one is told, and so is
// who listens to events.

import { isFollowed, withoutSecret } from '../domain/index.ts';
import type { CommandEnd, RemoteCommand } from '../domain/index.ts';
import { tellingOne } from './bus.ts';
import { notConnected, topicOfOrders } from './command_orders.ts';
import { sentRows } from './columns.ts';
import type { FetchedConfiguration } from './configurations.ts';
import type { Statement } from './database.ts';
import { eventInsert, instantJson } from './events.ts';
import type { declinedStatement } from './station_offers.ts';
import { nextVersion } from './versions.ts';

/** Told, with a command's id, to the process that ordered it. */
export const topicOfEnds = 'ended_commands';

type Which = Pick<RemoteCommand, 'tenantId' | 'id'>;

export type Ended = Which & {
  readonly end: CommandEnd;
  readonly at: Date;
  readonly node: string;
  /** What the station told of its configuration by this. */
  readonly configuration?: FetchedConfiguration | undefined;
  /** What it was offered and does not take. */
  readonly declined?: Parameters<typeof declinedStatement>[0] | undefined;
};

const noAnswer = 'The charging station did not answer in time.';
// The process that waits for a command ends it when it is due. Others do so when that process is gone.
const leftAfter = "interval '3 seconds'";

/** What is answered of the rows of `ended`. */
const finishedColumns = (row: string) =>
  [
    'id',
    'asked_by',
    'tenant_id',
    'charging_station_id',
    'command',
    'state',
    'result',
    'error_code',
    'error_description',
    'finished_at',
  ]
    .map((name) => `${row}.${name}`)
    .join(', ');
const commandFinished = eventInsert('command.finished', {
  from: 'ended',
  at: 'e.finished_at',
  data: {
    commandId: 'e.id',
    command: 'e.command',
    state: 'e.state',
    result: 'e.result',
    errorCode: 'e.error_code',
    errorDescription: 'e.error_description',
    finishedAt: instantJson('e.finished_at'),
  },
});

const ended = sentRows<Ended & EndColumns>([
  ['tenant_id', 'uuid', (row) => row.tenantId],
  ['id', 'uuid', (row) => row.id],
  ['state', 'text', (row) => row.state],
  ['result', 'text', (row) => row.result],
  ['response', 'text', (row) => row.response],
  ['error_code', 'text', (row) => row.errorCode],
  ['error_description', 'text', (row) => row.errorDescription],
  ['error_details', 'text', (row) => row.errorDetails],
  ['at', 'timestamptz', (row) => row.at],
  ['node', 'text', (row) => row.node],
  ['is_followed', 'boolean', (row) => isFollowed(row.end)],
]);

export function endStatement(ends: readonly Ended[]): Statement {
  return {
    text: `with ended as (
             update remote_commands r
             set state = f.state, result = f.result, response = f.response::json, error_code = f.error_code,
                 error_description = f.error_description, error_details = f.error_details::json,
                 awaited_until = case when f.is_followed then r.awaited_until end,
                 finished_at = f.at, updated_at = ${nextVersion('f.at', 'r.updated_at')}
             from ${ended.from}
             where r.tenant_id = f.tenant_id and r.id = f.id and r.finished_at is null
               and (f.state <> 'timed_out' or r.state = 'sent' or r.deadline_at <= clock_timestamp())
             returning f.node, ${finishedColumns('r')}
           ), told as (
             ${commandFinished}
           )
           select id, case when asked_by <> node then ${tellingOne('asked_by', topicOfEnds, 'id::text')} end from ended`,
    values: ended.values(ends.map((one) => ({ ...one, ...columnsOfEnd(one.end) }))),
  };
}

type EndColumns = {
  readonly state: 'finished' | 'timed_out' | 'failed';
  readonly result?: string | null;
  readonly response?: string;
  readonly errorCode?: string;
  readonly errorDescription?: string;
  readonly errorDetails?: string;
};

function columnsOfEnd(end: CommandEnd): EndColumns {
  switch (end.kind) {
    case 'answered':
      return { state: 'finished', result: end.result, response: JSON.stringify(end.response, withoutSecret) };
    case 'refused':
      return {
        state: 'failed',
        errorCode: end.code,
        errorDescription: end.description,
        ...(end.details === undefined ? {} : { errorDetails: JSON.stringify(end.details) }),
      };
    case 'not_supported':
      return { state: 'failed', errorCode: 'not_supported_by_version', errorDescription: end.detail };
    case 'unanswered':
      return {
        state: 'timed_out',
        errorCode: 'station_timeout',
        errorDescription: noAnswer,
      };
    default:
      return {
        state: 'failed',
        errorCode: 'station_connection_lost',
        errorDescription: 'The connection ended before the charging station answered.',
      };
  }
}

export function passOnStatement({ tenantId, id, node, at }: Which & { node: string; at: Date }): Statement {
  return {
    text: `with r as (
             select r.*, case when c.connection_id is not null and c.node <> $4 then c.node end as held_by
             from remote_commands r
             left join station_connections c
               on c.tenant_id = r.tenant_id and c.charging_station_id = r.charging_station_id
             where r.tenant_id = $1 and r.id = $2 and r.state = 'pending'
           ), ended as (
             update remote_commands u
             set state = 'failed', error_code = 'station_not_connected', error_description = ${notConnected},
                 finished_at = $3, updated_at = ${nextVersion('$3::timestamptz', 'u.updated_at')}
             from r
             where u.tenant_id = r.tenant_id and u.id = r.id and u.state = 'pending'
               and r.is_synchronous and r.held_by is null
             returning ${finishedColumns('u')}
           ), told as (
             ${commandFinished}
           )
           select case when r.held_by is not null
                    then ${tellingOne('r.held_by', topicOfOrders, "r.tenant_id::text || ' ' || r.id::text")} end,
                  (select ${tellingOne('asked_by', topicOfEnds, 'id::text')} from ended)
           from r`,
    values: [tenantId, id, at, node],
  };
}

/** The process that waits for it has gone, or cannot reach the database. */
export function dueStatement(now: Date): Statement {
  return {
    text: `with ended as (
             update remote_commands r
             set state = 'timed_out', error_code = 'station_timeout',
                 error_description = '${noAnswer}',
                 finished_at = $1, updated_at = ${nextVersion('$1::timestamptz', 'r.updated_at')}
             where r.finished_at is null and r.deadline_at < clock_timestamp() - ${leftAfter}
             returning ${finishedColumns('r')}
           ), told as (
             ${commandFinished}
           )
           select ${tellingOne('asked_by', topicOfEnds, 'id::text')} from ended`,
    values: [now],
  };
}
