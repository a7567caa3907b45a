// A location as an OCPI 2.2.1 party gives it: two EVSEs of two connectors each, nothing missing, nothing wrong.

/** @param n makes it another location, with other EVSEs */
export function anOcpiLocation(n: number) {
  return {
    country_code: 'BE',
    party_id: 'BEC',
    id: `LOC${n}`,
    publish: true,
    name: `Gent Zuid ${n}`,
    address: `F.Rooseveltlaan ${n}A`,
    city: 'Gent',
    postal_code: '9000',
    country: 'BEL',
    coordinates: { latitude: '51.047599', longitude: '3.729944' },
    parking_type: 'ON_STREET',
    evses: [anEvse(n, 1), anEvse(n, 2)],
    directions: [{ language: 'en', text: 'Next to the lift.' }],
    operator: { name: 'BeCharged' },
    time_zone: 'Europe/Brussels',
    opening_times: {
      twentyfourseven: false,
      regular_hours: [1, 2, 3, 4, 5].map((weekday) => ({
        weekday,
        period_begin: '07:00',
        period_end: '18:00',
      })),
    },
    last_updated: '2026-06-29T20:39:09Z',
  };
}

function anEvse(n: number, number: number) {
  return {
    uid: `evse-${n}-${number}`,
    evse_id: `BE*BEC*E${n}*${number}`,
    status: 'AVAILABLE',
    capabilities: ['RESERVABLE'],
    connectors: [aConnector('1'), aConnector('2')],
    physical_reference: String(number),
    floor_level: '-1',
    last_updated: '2026-06-28T08:12:01Z',
  };
}

function aConnector(id: string) {
  return {
    id,
    standard: 'IEC_62196_T2',
    format: 'CABLE',
    power_type: 'AC_3_PHASE',
    max_voltage: 230,
    max_amperage: 32,
    tariff_ids: ['11'],
    last_updated: '2026-03-16T10:10:02Z',
  };
}
