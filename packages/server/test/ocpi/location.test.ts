import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leavingOutDoubles, locationFrom } from '../../src/ocpi/index.ts';
import { connectorNumbers } from '../../src/ocpi/connector.ts';
import { streetAndHouseNumber } from '../../src/ocpi/address.ts';
import { anOcpiLocation } from './an_ocpi_location.ts';

const example = async (name: string) =>
  JSON.parse(await readFile(new URL(`specification/${name}.json`, import.meta.url), 'utf8')) as object;

/** The location with members replaced; `undefined` takes one away. */
const location = (members: object = {}) => {
  const { evses: _, ...plain } = anOcpiLocation(1);
  return { ...plain, ...members };
};
/** A location of one EVSE, and that with members replaced. */
const withEvse = (members: object = {}) => ({
  ...location(),
  evses: [{ ...anOcpiLocation(1).evses[0], ...members }],
});
const withConnector = (members: object = {}) =>
  withEvse({ connectors: [{ ...anOcpiLocation(1).evses[0]?.connectors[0], ...members }] });

/** What is said of a value: kind, row and reason. */
const said = (value: unknown) =>
  locationFrom(value, 1).notes.map(({ kind, evse, connector, reason }) => [
    kind,
    connector !== null ? 'connector' : evse === null ? 'location' : 'EVSE',
    reason,
  ]);
const valuesOf = (value: unknown) => locationFrom(value, 1).location?.values;
const stationOf = (value: unknown) => locationFrom(value, 1).location?.stations[0];
const connectorOf = (value: unknown) => stationOf(value)?.connectors[0]?.values;

const address = {
  street: 'F.Rooseveltlaan',
  houseNumber: '3A',
  postalCode: '9000',
  city: 'Gent',
  state: null,
  country: 'BE',
};
const geolocation = { latitude: 51.047599, longitude: 3.729944 };
const aConnector = (number: number, format: string, evseId: string) => ({
  number,
  values: {
    type: 'IEC_62196_T2',
    format,
    powerType: 'AC_3_PHASE',
    maxVoltage: 220,
    maxAmperage: 16,
    evseId,
    maxPowerW: 10_560,
  },
});
const aStation = (number: number, uid: string, evseId: string, of: object, connectors: object[]) => ({
  row: { number, id: uid },
  identity: uid,
  values: {
    chargeBoxIdentity: uid,
    label: evseId,
    publicDisplayName: String(number),
    ...of,
    address,
    geolocation,
  },
  connectors,
});

describe('the specification’s examples', () => {
  it('2.2.1: a public location', async () => {
    const of = { timeZone: 'Europe/Brussels' };
    expect(locationFrom(await example('2.2.1_location_example'), 4)).toEqual({
      location: {
        row: { number: 4, id: 'LOC1' },
        ocpiId: 'BE*BEC*LOC1',
        values: { name: 'Gent Zuid', address, geolocation, parkingType: 'ON_STREET' },
        stations: [
          aStation(1, '3256', 'BE*BEC*E041503001', of, [
            aConnector(1, 'CABLE', 'BE*BEC*E041503001'),
            aConnector(2, 'SOCKET', 'BE*BEC*E041503001'),
          ]),
          aStation(2, '3257', 'BE*BEC*E041503002', of, [aConnector(1, 'SOCKET', 'BE*BEC*E041503002')]),
        ],
      },
      notes: [],
    });
  });

  it('2.1.1: type, voltage and amperage; no party and no time zone', async () => {
    expect(locationFrom(await example('2.1.1_location_example'), 1)).toEqual({
      location: {
        row: { number: 1, id: 'LOC1' },
        ocpiId: 'LOC1',
        values: { name: 'Gent Zuid', address, geolocation, parkingType: 'ON_STREET' },
        stations: [
          aStation(1, '3256', 'BE-BEC-E041503001', {}, [
            aConnector(1, 'CABLE', 'BE-BEC-E041503001'),
            aConnector(2, 'SOCKET', 'BE-BEC-E041503001'),
          ]),
          aStation(2, '3257', 'BE-BEC-E041503002', {}, [aConnector(1, 'SOCKET', 'BE-BEC-E041503002')]),
        ],
      },
      notes: [],
    });
  });

  it('2.2.1: a home, without a name', async () => {
    const { location: home, notes } = locationFrom(await example('2.2.1_home_charge_point'), 1);
    expect(home?.values['name']).toBe('Krautwigstraße 283A, Köln');
    expect(notes.map(({ kind, reason }) => [kind, reason])).toEqual([
      ['remark', 'It has no name: its address is the name.'],
    ]);
  });

  it('2.2.1: opening hours', async () => {
    expect(valuesOf(await example('2.2.1_parking_garage_opening_hours'))?.['timeSettings']).toEqual({
      twentyfourseven: false,
      regularHours: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
        weekday,
        periodBegin: '07:00',
        periodEnd: '18:00',
      })),
      exceptionalOpenings: [],
      exceptionalClosings: [],
      timeZone: 'Europe/Stockholm',
    });
  });
});

describe('what a location is known by', () => {
  it.each([
    [{}, 'BE*BEC*LOC1'],
    [{ country_code: 'be', party_id: 'bec', id: 'loc1' }, 'BE*BEC*LOC1'],
    [{ country_code: undefined, party_id: undefined, id: 'loc1' }, 'loc1'],
    [{ country_code: 'BE', party_id: null }, 'LOC1'],
    [{ id: 17 }, 'BE*BEC*17'],
  ])('%j: %s', (members, ocpiId) => {
    expect(locationFrom(location(members), 1).location?.ocpiId).toBe(ocpiId);
  });
});

describe('street and house number', () => {
  it.each([
    ['Mariahilfer Straße 1', 'AT', 'Mariahilfer Straße', '1'],
    ['Straße des 17. Juni 135', 'DE', 'Straße des 17. Juni', '135'],
    ['Am Markt 12-14', 'DE', 'Am Markt', '12-14'],
    ['Calle Mayor, 5', 'ES', 'Calle Mayor', '5'],
    ['Stationsplein 3 b', 'NL', 'Stationsplein', '3 b'],
    ['10 Downing Street', 'GB', 'Downing Street', '10'],
    ['12 bis rue de la Paix', 'FR', 'rue de la Paix', '12 bis'],
    ['1 A Street', 'US', '1 A Street', undefined],
    ['1, rue de la Paix', 'FR', 'rue de la Paix', '1'],
    ['10 Downing Street', 'DE', '10 Downing Street', undefined],
    ['Highway 61', 'US', 'Highway 61', undefined],
    ['Rastplatz A 7', 'DE', 'Rastplatz A 7', undefined],
    ['A7 km 12', 'DE', 'A7 km 12', undefined],
    ['C 4, 9', 'DE', 'C 4, 9', undefined],
    ['Some Street 5', 'JP', 'Some Street 5', undefined],
    ['Some Street 5', undefined, 'Some Street 5', undefined],
    ['Parkplatz', 'DE', 'Parkplatz', undefined],
  ])('%s in %s: %s, %s', (line, country, street, houseNumber) => {
    expect(streetAndHouseNumber(line, country)).toEqual({
      street,
      ...(houseNumber === undefined ? {} : { houseNumber }),
    });
  });
});

describe('the numbers of an EVSE’s connectors', () => {
  it.each([
    [
      ['1', '2'],
      [1, 2],
    ],
    [
      ['2', '1'],
      [2, 1],
    ],
    [
      ['a', 'b'],
      [1, 2],
    ],
    [
      ['a', '1', undefined, '3'],
      [2, 1, 4, 3],
    ],
    [
      ['0', '01', '1000', '-1'],
      [1, 2, 3, 4],
    ],
  ])('%j: %j', (ids, numbers) => {
    expect(connectorNumbers(ids)).toEqual(numbers);
  });
});

describe('the power of a connector', () => {
  it.each([
    [{ max_electric_power: 150_000, power_type: 'DC', max_voltage: 920, max_amperage: 400 }, 150_000],
    [{ power_type: 'DC', max_voltage: 400, max_amperage: 125 }, 50_000],
    [{ power_type: 'AC_1_PHASE', max_voltage: 230, max_amperage: 16 }, 3_680],
    [{ power_type: 'AC_3_PHASE', max_voltage: 230, max_amperage: 16 }, 11_040],
    [{ power_type: 'AC_2_PHASE', max_voltage: 230, max_amperage: 16 }, undefined],
    [{ power_type: 'AC_2_PHASE_SPLIT', max_voltage: 240, max_amperage: 16 }, undefined],
    [{ power_type: 'AC_3_PHASE', max_voltage: 230, max_amperage: 0 }, undefined],
    [{ max_voltage: '230', max_amperage: '32' }, 22_080],
  ])('%j: %j W', (members, watts) => {
    expect(connectorOf(withConnector(members))?.['maxPowerW']).toBe(watts);
  });
});

describe('what is taken though it is written otherwise', () => {
  it.each([
    [
      'numbers as coordinates',
      { coordinates: { latitude: 48.2, longitude: 16 } },
      'geolocation',
      { latitude: 48.2, longitude: 16 },
    ],
    ['a country in alpha-2', { country: 'be' }, 'address', { ...address, houseNumber: '1A' }],
    [
      'a language with a region',
      { directions: [{ language: 'de-AT', text: 'Dort' }] },
      'directions',
      [{ language: 'de', text: 'Dort' }],
    ],
    [
      'a parking type that says nothing (2.1.1)',
      { parking_type: undefined, type: 'OTHER' },
      'parkingType',
      undefined,
    ],
    [
      'null and blanks for what is not known',
      { parking_type: null, directions: null, opening_times: null, state: ' ' },
      'parkingType',
      undefined,
    ],
  ])('%s', (_, members, attribute, value) => {
    expect(valuesOf(location(members))?.[attribute]).toEqual(value);
    expect(said(location(members))).toEqual([]);
  });

  it.each([
    [
      'always open, with hours besides',
      { twentyfourseven: true, regular_hours: [{ weekday: 1, period_begin: '07:00', period_end: '08:00' }] },
      { twentyfourseven: true, regularHours: [] },
    ],
    [
      'regular hours alone (2.1.1)',
      { regular_hours: [{ weekday: '2', period_begin: '7:00', period_end: '18:30:00' }] },
      { twentyfourseven: false, regularHours: [{ weekday: 2, periodBegin: '07:00', periodEnd: '18:30' }] },
    ],
    [
      'instants without a zone',
      {
        twentyfourseven: true,
        exceptional_closings: [{ period_begin: '2026-12-25T03:00:00', period_end: '2026-12-25T05:00:00Z' }],
      },
      {
        exceptionalClosings: [
          { periodBegin: '2026-12-25T03:00:00.000Z', periodEnd: '2026-12-25T05:00:00.000Z' },
        ],
      },
    ],
  ])('opening times: %s', (_, hours, wanted) => {
    const value = location({ opening_times: hours });
    expect(valuesOf(value)?.['timeSettings']).toMatchObject(wanted);
    expect(said(value)).toEqual([]);
  });

  it('every ConnectorType of the specification, of which some have small letters', () => {
    expect(connectorOf(withConnector({ standard: 'IEC_60309_2_three_16' }))?.['type']).toBe(
      'IEC_60309_2_three_16',
    );
  });

  it('an EVSE’s own place, an id that is a number, an EVSE id for an identity', () => {
    expect(
      stationOf(withEvse({ coordinates: { latitude: '1.5', longitude: '2.5' } }))?.values['geolocation'],
    ).toEqual({
      latitude: 1.5,
      longitude: 2.5,
    });
    expect(stationOf(withEvse({ uid: 3256 }))?.identity).toBe('3256');
    expect(stationOf(withEvse({ uid: 'BE/BEC 1' }))?.identity).toBe('BE*BEC*E1*1');
    expect(stationOf(withEvse({ evse_id: undefined }))?.values['label']).toBe('1');
    expect(stationOf(withEvse({ evse_id: undefined, physical_reference: undefined }))?.values['label']).toBe(
      'evse-1-1',
    );
  });
});

const tooLong = 'x'.repeat(600);

describe('a hole, or a value that cannot be taken', () => {
  it.each([
    ['no object', 7, [['skipped', 'location', 'It is no object.']]],
    [
      'no id',
      location({ id: '' }),
      [['skipped', 'location', 'It has no id of 1 to 100 printable ASCII characters.']],
    ],
    [
      'an id with U+0000',
      location({ id: 'a\0' }),
      [['skipped', 'location', 'It has no id of 1 to 100 printable ASCII characters.']],
    ],
    [
      'a name that is too long',
      location({ name: tooLong }),
      [['skipped', 'location', 'name: The value must NOT have more than 255 characters.']],
    ],
    [
      'a name with U+0000',
      location({ name: 'a\0b' }),
      [['skipped', 'location', 'name: The value must not contain the character U+0000.']],
    ],
    [
      'a name with half of a surrogate pair',
      location({ name: 'a\ud800' }),
      [['skipped', 'location', 'name: The value must not contain half of a surrogate pair.']],
    ],
    [
      'no name',
      location({ name: null }),
      [['remark', 'location', 'It has no name: its address is the name.']],
    ],
    [
      'neither name nor address',
      location({ name: undefined, address: undefined, city: undefined }),
      [
        ['remark', 'location', 'It has no name: its id is the name.'],
        ['remark', 'location', 'address is missing.'],
        ['remark', 'location', 'city is missing.'],
      ],
    ],
    [
      'no coordinates',
      location({ coordinates: undefined }),
      [['remark', 'location', 'coordinates is missing.']],
    ],
    [
      'coordinates out of range',
      location({ coordinates: { latitude: '91', longitude: '3' } }),
      [['remark', 'location', 'geolocation is left out: The value must be <= 90.']],
    ],
    [
      'coordinates that are no numbers',
      location({ coordinates: { latitude: '51,04', longitude: '3' } }),
      [['remark', 'location', 'geolocation is left out: The value must be number.']],
    ],
    [
      'coordinates by half',
      location({ coordinates: { latitude: '51.04' } }),
      [['remark', 'location', 'geolocation is left out: The value is missing.']],
    ],
    [
      'coordinates that are a text',
      location({ coordinates: '51.04,3' }),
      [['remark', 'location', 'geolocation is left out: The value must be object.']],
    ],
    ['no country', location({ country: undefined }), [['remark', 'location', 'country is missing.']]],
    [
      'a country that is none',
      location({ country: 'Belgium' }),
      [['remark', 'location', 'country is left out: it is no ISO 3166-1 alpha-3 code.']],
    ],
    [
      'an address that is too long',
      location({ address: tooLong }),
      [
        [
          'remark',
          'location',
          'address.street is left out: The value must NOT have more than 500 characters.',
        ],
      ],
    ],
    [
      'no time zone',
      location({ time_zone: undefined, opening_times: undefined }),
      [['remark', 'location', 'time_zone is missing.']],
    ],
    [
      'a parking type of no OCPI version',
      location({ parking_type: 'ROOF' }),
      [
        [
          'remark',
          'location',
          'parkingType is left out: The value must be one of ALONG_MOTORWAY, PARKING_GARAGE, PARKING_LOT, ON_DRIVEWAY, ON_STREET, UNDERGROUND_GARAGE.',
        ],
      ],
    ],
    [
      'opening times that end before they begin',
      location({
        opening_times: {
          twentyfourseven: false,
          regular_hours: [{ weekday: 1, period_begin: '18:00', period_end: '07:00' }],
        },
      }),
      [['remark', 'location', 'timeSettings is left out: The value must be later than periodBegin.']],
    ],
    [
      'opening times that are a text',
      location({ opening_times: '24/7' }),
      [['remark', 'location', 'timeSettings is left out: The value must be object.']],
    ],
    [
      'evses that are no list',
      location({ evses: {} }),
      [['remark', 'location', 'evses is left out: it is no list.']],
    ],
    ['an EVSE that is no object', location({ evses: [null] }), [['skipped', 'EVSE', 'It is no object.']]],
    ['an EVSE without uid', withEvse({ uid: undefined }), [['skipped', 'EVSE', 'It has no uid.']]],
    [
      'an EVSE whose uid and evse_id are no identities',
      withEvse({ uid: 'a b', evse_id: 'a:b' }),
      [['skipped', 'EVSE', 'chargeBoxIdentity: The value must match ^[A-Za-z0-9*\\-_=+|@.]{1,48}$.']],
    ],
    [
      'an EVSE whose uid is no identity',
      withEvse({ uid: 'a b' }),
      [['remark', 'EVSE', 'Its uid is not of the form of an identity: its evse_id is the identity.']],
    ],
    [
      'an EVSE that is REMOVED',
      withEvse({ status: 'REMOVED' }),
      [['remark', 'EVSE', 'It is left out: its status is REMOVED.']],
    ],
    [
      'an EVSE’s wrong coordinates',
      withEvse({ coordinates: { latitude: '99', longitude: '0' } }),
      [['remark', 'EVSE', 'geolocation is the location’s: The value must be <= 90.']],
    ],
    [
      'an EVSE’s wrong time zone',
      { ...withEvse(), time_zone: 'Mars/Olympus', opening_times: undefined },
      [
        [
          'remark',
          'EVSE',
          'timeZone is left out: The value must be a time zone of the IANA database, such as Europe/Berlin.',
        ],
      ],
    ],
    [
      'an EVSE without connectors',
      withEvse({ connectors: [] }),
      [['remark', 'EVSE', 'It has no connectors.']],
    ],
    [
      'connectors that are no list',
      withEvse({ connectors: 'two' }),
      [['remark', 'EVSE', 'connectors is left out: it is no list.']],
    ],
    [
      'a connector that is no object',
      withEvse({ connectors: ['1'] }),
      [['skipped', 'connector', 'It is no object.']],
    ],
    [
      'a connector twice',
      withEvse({
        connectors: [
          ...(anOcpiLocation(1).evses[0]?.connectors ?? []),
          { ...anOcpiLocation(1).evses[0]?.connectors[0] },
        ],
      }),
      [['skipped', 'connector', 'Its id occurs twice in this EVSE.']],
    ],
    [
      'an empty connector',
      withEvse({ connectors: [{}] }),
      [
        ['remark', 'connector', 'standard is missing.'],
        ['remark', 'connector', 'format is missing.'],
        ['remark', 'connector', 'power_type is missing.'],
        ['remark', 'connector', 'max_voltage is missing.'],
        ['remark', 'connector', 'max_amperage is missing.'],
      ],
    ],
    [
      'a connector’s wrong values',
      withConnector({ standard: 'Type 2', format: 'PLUG', max_voltage: -1, max_amperage: 1.5 }),
      [
        ['remark', 'connector', 'type is left out: The value must match ^[A-Za-z0-9_]+$.'],
        ['remark', 'connector', 'format is left out: The value must be one of SOCKET, CABLE.'],
        ['remark', 'connector', 'maxVoltage is left out: The value must be >= 0.'],
        ['remark', 'connector', 'maxAmperage is left out: The value must be integer.'],
      ],
    ],
    [
      'an EVSE id that is too long',
      withEvse({ evse_id: tooLong }),
      [['skipped', 'EVSE', 'label: The value must NOT have more than 200 characters.']],
    ],
  ])('%s', (_, value, notes) => {
    expect(said(value).toSorted()).toEqual(notes.toSorted());
  });

  it('is named by its place, so that it can be found in the file', () => {
    const { notes } = locationFrom(withConnector({ id: 'left\u{1b}[2J', format: 'PLUG' }), 12);
    expect(notes).toEqual([
      {
        kind: 'remark',
        location: { number: 12, id: 'LOC1' },
        evse: { number: 1, id: 'evse-1-1' },
        connector: { number: 1, id: 'left\u{fffd}[2J' },
        reason: 'format is left out: The value must be one of SOCKET, CABLE.',
      },
    ]);
  });

  it('never stops the import, whatever it is', () => {
    const anything = fc.anything({
      maxDepth: 3,
      key: fc.constantFrom(
        'latitude',
        'longitude',
        'language',
        'text',
        'twentyfourseven',
        'regular_hours',
        'uid',
        'id',
        'connectors',
        'standard',
        'x',
      ),
    });
    const names = [
      ...Object.keys(anOcpiLocation(1)),
      'type',
      'state',
      'uid',
      'evse_id',
      'coordinates',
      'connectors',
      'max_voltage',
      'power_type',
    ];
    const members = fc.dictionary(fc.constantFrom(...names), anything);
    const locations = fc.record({
      top: members,
      evse: fc.option(members),
      connector: fc.option(members),
    });
    fc.assert(
      fc.property(locations, ({ top, evse, connector }) => {
        const evses =
          evse === null ? {} : { evses: [connector === null ? evse : { ...evse, connectors: [connector] }] };
        const mapped = locationFrom(JSON.parse(JSON.stringify({ id: 'A', name: 'a', ...top, ...evses })), 1);
        expect(mapped.location !== undefined || mapped.notes.some(({ kind }) => kind === 'skipped')).toBe(
          true,
        );
      }),
    );
  });
});

describe('what a file has twice', () => {
  it('counts once: the first location of an id, the first EVSE of an identity', () => {
    const withoutDoubles = leavingOutDoubles();
    const read = (value: unknown, number: number) => withoutDoubles(locationFrom(value, number));
    const [one, two] = [anOcpiLocation(1), anOcpiLocation(2)];
    expect(read(one, 1).notes).toEqual([]);
    expect(read({ ...one, name: 'Again' }, 2)).toEqual({
      location: undefined,
      notes: [
        expect.objectContaining({
          kind: 'skipped',
          evse: null,
          reason: 'It is in the file already, as location 1.',
        }),
      ],
    });
    const third = read({ ...two, evses: [...one.evses, ...two.evses, ...two.evses] }, 3);
    expect(third.location?.stations.map(({ identity }) => identity)).toEqual(['evse-2-1', 'evse-2-2']);
    expect(third.notes.map(({ evse, reason }) => [evse?.number, reason])).toEqual([
      [1, 'Its identity is in the file already, in location 1.'],
      [2, 'Its identity is in the file already, in location 1.'],
      [5, 'Its identity is in the file already, in this location.'],
      [6, 'Its identity is in the file already, in this location.'],
    ]);
  });
});
