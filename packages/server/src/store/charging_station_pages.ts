// Pages of all the charging stations that are visible, by offset: a total is kept, blocks of ids find where a page begins
// (docs/decisions/lists_find_their_offset.md), and a page that is known is confirmed by its state (outlines.ts).

import type { Visibility } from '../domain/index.ts';
import type { Session, Statement } from './database.ts';
import { outlineColumns, outlineOf } from './outlines.ts';
import type { Outline } from './outlines.ts';
import { isPlain } from './resource_list.ts';
import type { ListQuery, ListedTable } from './resource_list.ts';
import { listedPage, pageOf } from './resource_rows.ts';
import type { Page } from './resource_rows.ts';
import { isOfVisibleCompany } from './visible_company.ts';

// Stands for the tenant as a whole in charging_station_ranks and charging_station_totals, and comes before every id.
const nilId = '00000000-0000-0000-0000-000000000000';

type PlainPage = { readonly limit: number; readonly offset: number; readonly now: Date };
type Parameter = (value: unknown) => string;

/** Answers the page that a query asks for, if it is one of all that is visible, by offset. */
function plainPageOf(query: ListQuery<string>): PlainPage | undefined {
  return isPlain(query) && 'offset' in query.from ? { ...query, offset: query.from.offset } : undefined;
}

/** @param table its fields are of the station `s`, and of its connection `c` */
export function chargingStationPages<Field extends string>(session: Session, table: ListedTable<Field>) {
  const selected = Object.values<{ sql: string }>(table.fields).map(({ sql }) => sql);
  const { columns, state, arrays } = outlineColumns(table);

  /** Reads the total and the state of a page, and what else there is to select of its rows. */
  async function readState(
    visibility: Visibility,
    page: PlainPage,
    { startsAt, more = [] }: { startsAt?: string; more?: readonly string[] },
  ) {
    const { ctes, rows, values, parameter } = pageSource(visibility, page, startsAt);
    const statement: Statement = {
      text: `${ctes} select n.total, n.changed, p.*
             from (select ${totalSql}, ${changedSql} ${totalsOf(visibility, parameter)}) n,
                  (select ${[state, ...more].join(', ')} from (select ${columns} ${rows}) r) p`,
      values,
    };
    const [found] = await session.textRowsAs(visibility.tenantId, [statement]);
    const [total, changed, ofRows, ...others] = found?.[0] ?? [];
    return { total: Number(total), state: `${changed}/${ofRows}`, others };
  }

  return {
    /** Answers a page, and how many stations the query has in all; 0 where nobody asks (pages after an id). */
    page(visibility: Visibility, query: ListQuery<Field>): Promise<Page> {
      const page = plainPageOf(query);
      if (page === undefined) return listedPage(session, table, visibility, query);
      const values: unknown[] = [visibility.tenantId];
      const totals = totalsOf(visibility, (value) => `$${values.push(value)}`);
      const source = pageSource(visibility, page);
      return pageOf(session, visibility, [
        { text: `select ${totalSql} ${totals}`, values },
        { text: `${source.ctes} select ${selected.join(', ')} ${source.rows}`, values: source.values },
      ]);
    },

    /** Answers a page's outline; undefined where finding the rows is the work, so that it must not be done twice. */
    async outline(visibility: Visibility, query: ListQuery<Field>): Promise<Outline | undefined> {
      const page = plainPageOf(query);
      if (page === undefined) return undefined;
      const { total, state: found, others } = await readState(visibility, page, { more: arrays });
      return outlineOf(table, { total, state: found, columns: others });
    },

    /** Answers the state of a page whose outline began at an id. It is that outline's only while the page has not changed. */
    async state(
      visibility: Visibility,
      query: ListQuery<Field>,
      startsAt: string,
    ): Promise<string | undefined> {
      const page = plainPageOf(query);
      return page && (await readState(visibility, page, { startsAt })).state;
    },
  };
}

// How many stations are visible, and when they last became others, as the writes keep it in charging_station_totals.
const totalSql = 'coalesce(sum(n.stations), 0) as total';
const changedSql = 'sum(hash_record_extended(row(n.scope_id, n.changed_at), 0)) as changed';

/** The totals of what is visible. $1 is the tenant's id. */
function totalsOf({ company }: Visibility, parameter: Parameter): string {
  const scopes =
    company === undefined
      ? `'${nilId}'`
      : company.withSubordinates
        ? `select a.company_id from company_ancestors a
           where a.tenant_id = $1 and a.ancestor_id = ${parameter(company.companyId)}`
        : parameter(company.companyId);
  return `from charging_station_totals n where n.tenant_id = $1 and n.scope_id in (${scopes})`;
}

/**
 * The stations of a page and their connections, in order. It begins at an id: a known one, or one that is found from
 * indexes alone. Where one scope is asked for, its blocks tell from where on to walk, and over how many (migration 000002); a
 * subtree's blocks lie across each other, so there the offset is walked.
 */
function pageSource(visibility: Visibility, { limit, offset, now }: PlainPage, startsAt?: string) {
  const { tenantId, company } = visibility;
  const values: unknown[] = [tenantId, now, limit];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const condition = isOfVisibleCompany(visibility, parameter);
  const start =
    offset === 0 || startsAt !== undefined
      ? undefined
      : startOf(visibility, condition, { offset, parameter });
  const from = start === undefined ? `${parameter(startsAt ?? nilId)}::uuid` : '(select id from start)';
  const inOrder = `where ${condition} and s.id >= ${from} order by s.id limit $3::bigint`;
  return {
    ctes: start === undefined ? '' : `with ${start}`,
    rows: company === undefined ? runOfStations(from, inOrder) : eachStation(inOrder),
    values,
    parameter,
  };
}

/** The id at which an offset stands, as `start`. */
function startOf(
  { company }: Visibility,
  condition: string,
  { offset, parameter }: { offset: number; parameter: Parameter },
): string {
  const after = `${parameter(offset)}::bigint`;
  if (company?.withSubordinates) {
    return `start as (select s.id from charging_stations s where ${condition} order by s.id limit 1 offset ${after})`;
  }
  const scope = company === undefined ? `'${nilId}'` : parameter(company.companyId);
  return `block as (
      select first_id, upto - stations as before from (
        select r.first_id, r.stations, sum(r.stations) over (order by r.first_id rows unbounded preceding) as upto
        from charging_station_ranks r where r.tenant_id = $1 and r.scope_id = ${scope}
      ) b where upto > ${after} order by first_id limit 1
    ), start as (
      select s.id from charging_stations s where ${condition} and s.id >= (select first_id from block)
      order by s.id limit 1 offset ${after} - (select before from block)
    )`;
}

// A tenant's page is a run of ids without gaps: their connections are one run of the other table, too, and merging both
// takes half the time of a hundred look-ups. A company's page may lie scattered over the tenant's ids, so there each is
// looked up; "offset 0" keeps the planner from joining whole tables.
const runOfStations = (from: string, inOrder: string) => `from charging_stations s
  left join station_connections c
    on c.tenant_id = $1 and c.charging_station_id = s.id and c.charging_station_id >= ${from} ${inOrder}`;
const eachStation = (inOrder: string) => `from (select * from charging_stations s ${inOrder}) s
  left join lateral (
    select * from station_connections c where c.tenant_id = $1 and c.charging_station_id = s.id offset 0
  ) c on true order by s.id`;
