// What stations were offered to connect with: noted before they are told, forgotten when they decline, theirs once they
// connect with it.

import type { RemoteCommand, StationOffer } from '../domain/index.ts';
import type { Session, Statement } from './database.ts';
import { nextVersion } from './versions.ts';

type Offered = Pick<RemoteCommand, 'tenantId' | 'id' | 'chargingStationId'> & {
  readonly offer: StationOffer;
};

/**
 * Notes what a command offers, if it is sent. A lower security profile no station may take (whitepaper, configuration key SecurityProfile), and
 * whoever else came by it would be let in.
 */
export function offerStatement({ tenantId, id, chargingStationId, offer }: Offered): Statement {
  return {
    text: `update charging_stations s
           set offered_password_hash = coalesce($4, s.offered_password_hash),
               offered_security_profile =
                 case when $5 >= s.security_profile then $5 else s.offered_security_profile end
           where s.tenant_id = $1 and s.id = $2
             and exists (select from remote_commands r where r.tenant_id = $1 and r.id = $3 and r.state = 'sent')`,
    values: [tenantId, chargingStationId, id, passwordIn(offer), profileIn(offer)],
  };
}

/** Forgets an offer that was declined, unless there is another one since. */
export function declinedStatement({ tenantId, chargingStationId, offer }: Omit<Offered, 'id'>): Statement {
  return {
    text: `update charging_stations s
           set offered_password_hash = nullif(s.offered_password_hash, $3),
               offered_security_profile = nullif(s.offered_security_profile, $4)
           where s.tenant_id = $1 and s.id = $2`,
    values: [tenantId, chargingStationId, passwordIn(offer), profileIn(offer)],
  };
}

/** The station has connected with what it was offered: what it had before counts no more. */
export async function takeOffer(
  session: Session,
  { tenantId, chargingStationId, now }: { tenantId: string; chargingStationId: string; now: Date },
): Promise<void> {
  await session.queryAs(
    tenantId,
    `update charging_stations s
     set password_hash = coalesce(s.offered_password_hash, s.password_hash),
         security_profile = coalesce(
           s.offered_security_profile,
           case when s.offered_password_hash is not null then greatest(s.security_profile, 1) else s.security_profile end
         ),
         offered_password_hash = null, offered_security_profile = null,
         updated_at = ${nextVersion('$3::timestamptz')}
     where s.tenant_id = $1 and s.id = $2
       and (s.offered_password_hash is not null or s.offered_security_profile is not null)`,
    [tenantId, chargingStationId, now],
  );
}

const passwordIn = (offer: StationOffer) => ('passwordHash' in offer ? offer.passwordHash : null);
const profileIn = (offer: StationOffer) => ('securityProfile' in offer ? offer.securityProfile : null);
