// Certificates that were issued because a station asked: each is sent to it by a remote command, which is ordered in the
// transaction of the request, so that none is lost with a process that dies between the answer and the command.

import type { StationReported } from '../domain/index.ts';
import { tellingOne } from './bus.ts';
import { topicOfOrders } from './command_orders.ts';
import { sentRows } from './columns.ts';
import type { Statement } from './database.ts';

type Row = StationReported & { readonly id: string };

const rows = sentRows<Row>([
  ['tenant_id', 'uuid', (row) => row.tenantId],
  ['id', 'uuid', (row) => row.id],
  ['station_id', 'uuid', (row) => row.chargingStationId],
  ['chain', 'text', (row) => row.certificateChain],
  ['at', 'timestamptz', (row) => row.receivedAt],
]);

// While it is not answered no other command is sent; and who has waited longer asks again.
const lasts = "interval '5 minutes'";

/** Answers the statement that orders what these reports are answered with, or none. */
export function issuedCertificateStatements(
  facts: readonly StationReported[],
  newId: () => string,
): Statement[] {
  const issued = facts.filter(({ certificateChain }) => certificateChain !== undefined);
  if (issued.length === 0) return [];
  // Who asks again wants the newer one only: that a station asks without end must not fill the table.
  const text = `with superseded as (
      delete from remote_commands r
      using ${rows.from}
      where r.tenant_id = f.tenant_id and r.charging_station_id = f.station_id and r.state = 'pending'
        and r.caller_id = 'certificate_authority'
    ), ordered as (
      insert into remote_commands
        (tenant_id, id, charging_station_id, command, parameters, has_secret, is_synchronous, caller_id, state, asked_by,
         created_at, deadline_at, updated_at)
      select f.tenant_id, f.id, f.station_id, 'certificate_signed', json_build_object('certificateChain', f.chain), false, false,
             'certificate_authority', 'pending', coalesce(c.node, ''), f.at, clock_timestamp() + ${lasts}, f.at
      from ${rows.from}
      join charging_stations s on s.tenant_id = f.tenant_id and s.id = f.station_id
      left join station_connections c on c.tenant_id = s.tenant_id and c.charging_station_id = s.id
      returning tenant_id, id, asked_by
    )
    select ${tellingOne('asked_by', topicOfOrders, "tenant_id::text || ' ' || id::text")} from ordered`;
  return [{ text, values: rows.values(issued.map((report) => ({ ...report, id: newId() }))) }];
}
