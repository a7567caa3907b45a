// Whether drivers may charge: the one place that says so, for stations that ask (OCPP 1.6 §4.1) and for transactions that
// begin or end.

import type { DriverAuthorization, ShownDriverToken } from '../domain/index.ts';
import { askedTogether } from './asked_together.ts';
import { caselessText } from './caseless.ts';
import { sentRows, tenantIdsOf } from './columns.ts';
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

const shown = authorizationOf('f', { key: 'f.value_key', now: 'f.asked_at' });

type Asked = { readonly token: ShownDriverToken; readonly at: Date };

const questions = sentRows<Asked>([
  ['tenant_id', 'uuid', ({ token }) => token.tenantId],
  ['value_key', 'text', ({ token }) => caselessText(token.value)],
  ['asked_at', 'timestamptz', ({ at }) => at],
]);

const mostTogether = 500;

/** Answers the function that tells whether a driver token may charge at the moment. It throws {Unavailable}. */
export function driverAuthorizationsIn(
  database: Database,
): (token: ShownDriverToken, at: Date) => Promise<DriverAuthorization> {
  const ask = askedTogether((all: readonly Asked[]) => lookUp(database, all), mostTogether);
  return (token, at) => ask({ token, at });
}

async function lookUp(database: Database, all: readonly Asked[]): Promise<DriverAuthorization[]> {
  const statement = {
    text: `select ${shown.columns} from ${questions.inOrder} ${shown.joins} order by f.at`,
    values: questions.values(all),
  };
  const tenantIds = tenantIdsOf(all.map(({ token }) => token));
  const [rows = []] = await database.transaction(tenantIds, [statement]);
  return (rows as AuthorizationRow[]).map(authorizationIn);
}
