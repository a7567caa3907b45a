// Whether drivers may charge: the one place that says so, for stations that ask (OCPP 1.6 §4.1) and for transactions that
// begin or end.

import type { DriverAuthorization, ShownDriverToken } from '../domain/index.ts';
import { caselessText } from './caseless.ts';
import { column } from './columns.ts';
import type { Database } from './database.ts';

export type AuthorizationRow = {
  readonly status: DriverAuthorization['status'];
  readonly expires_at: Date | null;
  readonly parent_value: string | null;
};

/**
 * Answers the SQL that joins what is known of a driver token, and the columns of an `AuthorizationRow`. A blocked or expired
 * parent counts as the token's own, if it is a driver token itself.
 *
 * @param f             the row that has `tenant_id`
 * @param key           the column that has the driver token's code in lower case
 * @param now           SQL of the instant at which it is asked for
 * @param chargesElsewhere SQL of whether it is in another transaction; without it that is not asked
 */
export function authorizationOf(
  f: string,
  { key, now, chargesElsewhere }: { key: string; now: string; chargesElsewhere?: string },
): { readonly joins: string; readonly columns: string } {
  return {
    joins: `join tenants tenant on tenant.id = ${f}.tenant_id
      left join driver_tokens d on d.tenant_id = ${f}.tenant_id and d.value_key = ${key}
      left join driver_tokens parent
        on parent.tenant_id = ${f}.tenant_id and parent.value_key = d.parent_value_key`,
    columns: `case
        when d.id is null then case tenant.unknown_driver_tokens when 'accept' then 'Accepted' else 'Invalid' end
        when d.is_blocked or parent.is_blocked then 'Blocked'
        when d.expires_at <= ${now} or parent.expires_at <= ${now} then 'Expired'
        ${chargesElsewhere === undefined ? '' : `when not d.allows_concurrent_transactions and ${chargesElsewhere} then 'ConcurrentTx'`}
        else 'Accepted'
      end as status, least(d.expires_at, parent.expires_at) as expires_at, d.parent_value`,
  };
}

export function authorizationIn(row: AuthorizationRow): DriverAuthorization {
  return {
    status: row.status,
    expiresAt: row.expires_at ?? undefined,
    parentValue: row.parent_value ?? undefined,
  };
}

const shown = authorizationOf('f', { key: 'f.value_key', now: '$3::timestamptz' });

/**
 * Answers the function that tells whether a driver token may charge at the moment. Stations that ask at the same time share
 * one query.
 *
 * @throws {Unavailable} when the database cannot be reached
 */
export function driverAuthorizationsIn(database: Database) {
  let waiting: {
    token: ShownDriverToken;
    done: (answer: DriverAuthorization) => void;
    failed: (error: unknown) => void;
  }[] = [];

  async function ask(now: Date): Promise<void> {
    const asked = waiting;
    waiting = [];
    try {
      const [rows = []] = await database.transaction(
        [...new Set(asked.map(({ token }) => token.tenantId))],
        [
          {
            text: `select ${shown.columns}
                   from unnest($1::uuid[], $2::text[]) with ordinality as f (tenant_id, value_key, at) ${shown.joins}
                   order by f.at`,
            values: [
              column(asked, ({ token }) => token.tenantId),
              column(asked, ({ token }) => caselessText(token.value)),
              now,
            ],
          },
        ],
      );
      asked.forEach(({ done }, at) => done(authorizationIn(rows[at] as AuthorizationRow)));
    } catch (error) {
      for (const { failed } of asked) failed(error);
    }
  }

  return (token: ShownDriverToken, now: Date): Promise<DriverAuthorization> =>
    new Promise((done, failed) => {
      waiting.push({ token, done, failed });
      if (waiting.length === 1) setImmediate(() => void ask(now));
    });
}
