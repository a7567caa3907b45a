import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.ts';
import { aChargingStation, aCompany, aConnector, aLocation, aTenant } from '../builders.ts';
import { chargeyard, run } from '../chargeyard_process.ts';
import { aCaller } from '../cpoapi/caller.ts';
import type { List } from '../cpoapi/caller.ts';
import { anOcpiLocation } from '../ocpi/an_ocpi_location.ts';
import { testApp } from '../test_app.ts';

const app = testApp();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chargeyard-import-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const environment = () => {
  const { host = '', port = 0, user = '', password, database = '' } = app.database.connection;
  const secret = encodeURIComponent(typeof password === 'string' ? password : '');
  const query = new URLSearchParams({ host, port: String(port) });
  return { DATABASE_URL: `postgres://${user}:${secret}@localhost/${database}?${query.toString()}` };
};

const counts = (created = 0, updated = 0, unchanged = 0, skipped = 0) => ({
  created,
  updated,
  unchanged,
  skipped,
});
type Sum = Record<'locations' | 'chargingStations' | 'connectors', ReturnType<typeof counts>> & {
  isDryRun: boolean;
  locationsRead: number;
  remarks: number;
  fault: string | null;
};
type Note = { kind: string; location: object; evse: object | null; connector: object | null; reason: string };

const importing = (slug: string, ...options: string[]) => ['import', 'ocpi', ...options, '--tenant', slug];

/** Imports what is sent to standard input, and answers what is told of it. */
async function imported(slug: string, input: unknown, ...options: string[]) {
  const text = typeof input === 'string' || Buffer.isBuffer(input) ? input : JSON.stringify(input);
  const ended = await run(importing(slug, '-', '--json', ...options), environment(), text);
  const { notes, sum } = JSON.parse(ended.stdout) as { notes: Note[]; sum: Sum };
  return { code: ended.code, notes, sum, stderr: ended.stderr };
}

async function aCallerOf(tenantId: string) {
  const call = await aCaller(app, tenantId);
  const list = async (at: string) => (await call('GET', at)).json<List>().data;
  return { call, list };
}

/** A list without what differs from one run to the next. */
const attributesOf = (resources: List['data']) =>
  resources.map(({ attributes }) =>
    Object.fromEntries(Object.entries(attributes).filter(([name]) => !/^(created|updated)At$/.test(name))),
  );

const example = (name: string) =>
  readFile(fileURLToPath(new URL(`../ocpi/specification/${name}.json`, import.meta.url)), 'utf8');

describe('chargeyard import ocpi', { timeout: 60_000 }, () => {
  it('imports the specification’s example, which the API shows', async () => {
    const tenant = await aTenant(app.store);
    const { code, notes, sum } = await imported(tenant.slug, await example('2.2.1_location_example'));
    expect({ code, notes, sum }).toEqual({
      code: 0,
      notes: [],
      sum: {
        isDryRun: false,
        locationsRead: 1,
        locations: counts(1),
        chargingStations: counts(2),
        connectors: counts(3),
        remarks: 0,
        fault: null,
      },
    });
    const { list } = await aCallerOf(tenant.id);
    const locations = await list('/locations');
    const stations = await list('/charging_stations');
    const address = {
      street: 'F.Rooseveltlaan',
      houseNumber: '3A',
      postalCode: '9000',
      city: 'Gent',
      state: null,
      country: 'BE',
    };
    const geolocation = { latitude: 51.047599, longitude: 3.729944 };
    expect(attributesOf(locations)).toEqual([
      {
        name: 'Gent Zuid',
        companyUuid: null,
        address,
        geolocation,
        parkingType: 'ON_STREET',
        directions: null,
        timeSettings: null,
      },
    ]);
    expect(attributesOf(stations)).toEqual(
      [
        ['3256', 'BE*BEC*E041503001', '1'],
        ['3257', 'BE*BEC*E041503002', '2'],
      ].map(([chargeBoxIdentity, label, publicDisplayName]) =>
        expect.objectContaining({
          chargeBoxIdentity,
          label,
          publicDisplayName,
          modelId: null,
          companyUuid: null,
          locationUuid: locations[0]?.id,
          timeZone: 'Europe/Brussels',
          address,
          geolocation,
          connectionStatus: 'no_communication',
        }),
      ),
    );
    expect(attributesOf(await list(`/charging_stations/${stations[0]?.id}/connectors`))).toEqual(
      [
        [1, 'CABLE'],
        [2, 'SOCKET'],
      ].map(([connectorNumber, format]) => ({
        cpId: stations[0]?.id,
        connectorNumber,
        evseNumber: 1,
        evseId: 'BE*BEC*E041503001',
        label: null,
        type: 'IEC_62196_T2',
        format,
        powerType: 'AC_3_PHASE',
        maxVoltage: 220,
        maxAmperage: 16,
        maxPowerW: 10_560,
        status: null,
        errorCode: null,
        vendorErrorCode: null,
        info: null,
        statusAt: null,
      })),
    );
  });

  it('reads 2.1.1, a byte order mark, and several documents after one another', async () => {
    const tenant = await aTenant(app.store);
    const [old, home] = [await example('2.1.1_location_example'), await example('2.2.1_home_charge_point')];
    const answer = JSON.stringify({ status_code: 1000, data: [anOcpiLocation(1)] });
    const { code, sum } = await imported(tenant.slug, `\u{feff}${old}\n${home}\n${answer}`);
    expect({ code, ...sum }).toMatchObject({
      code: 0,
      locations: counts(3),
      chargingStations: counts(5),
      connectors: counts(8),
      remarks: 1,
    });
  });

  it('changes what differs and nothing else when it is run again', async () => {
    const tenant = await aTenant(app.store);
    const file = [anOcpiLocation(1), anOcpiLocation(2)];
    await imported(tenant.slug, file);
    const { list } = await aCallerOf(tenant.id);
    const everything = async () => [
      await list('/locations'),
      await list('/charging_stations'),
      await list('/connectors'),
    ];
    const before = await everything();

    expect((await imported(tenant.slug, file)).sum).toMatchObject({
      locations: counts(0, 0, 2),
      chargingStations: counts(0, 0, 4),
      connectors: counts(0, 0, 8),
    });
    expect(await everything()).toEqual(before);

    const [one, two] = [anOcpiLocation(1), anOcpiLocation(2)];
    const changed = {
      ...two,
      name: 'Gent Dampoort',
      evses: two.evses.map((evse, at) => ({
        ...evse,
        physical_reference: at === 0 ? 'left' : evse.physical_reference,
        connectors: evse.connectors.map((connector) => ({
          ...connector,
          max_electric_power: at === 0 && connector.id === '1' ? 11_000 : undefined,
        })),
      })),
    };
    expect((await imported(tenant.slug, [one, changed])).sum).toMatchObject({
      locations: counts(0, 1, 1),
      chargingStations: counts(0, 1, 3),
      connectors: counts(0, 1, 7),
    });
    const [locations, stations, connectors] = await everything();
    expect(locations?.map(({ attributes }) => attributes['name'])).toEqual(['Gent Zuid 1', 'Gent Dampoort']);
    expect(stations?.map(({ attributes }) => attributes['publicDisplayName'])).toEqual([
      '1',
      '2',
      'left',
      '2',
    ]);
    expect(connectors?.map(({ attributes }) => attributes['maxPowerW'])).toEqual([
      22_080, 22_080, 22_080, 22_080, 11_000, 22_080, 22_080, 22_080,
    ]);
    expect([locations, stations, connectors].map((resources) => resources?.map(({ id }) => id))).toEqual(
      before.map((resources) => resources.map(({ id }) => id)),
    );
  });

  it('leaves alone what the file does not tell, and all that a station reported', async () => {
    const tenant = await aTenant(app.store);
    const { id } = await aChargingStation(app.store, tenant.id, {
      identity: 'evse-1-1',
      password: 'x'.repeat(20),
    });
    await aConnector(app.store, tenant.id, id, 1, { status: 'Charging', errorCode: 'NoError' });
    await app.store.stationFacts.record({
      kind: 'booted',
      tenantId: tenant.id,
      chargingStationId: id,
      connectionId: newId(),
      at: new Date('2026-11-25T11:00:00.000Z'),
      vendor: 'Vendor',
      model: 'Model',
      serialNumber: 'S1',
      firmwareVersion: '1.2.3',
      iccid: undefined,
      imsi: undefined,
    });
    const first = await imported(tenant.slug, [anOcpiLocation(1)]);
    expect(first.sum).toMatchObject({
      locations: counts(1),
      chargingStations: counts(1, 1),
      connectors: counts(3, 1),
    });
    const { list, call } = await aCallerOf(tenant.id);
    const [location] = await list('/locations');
    await call('PATCH', `/locations/${location?.id}`, { parkingType: 'PARKING_LOT' });

    const { parking_type: _, opening_times: __, directions: ___, ...sparse } = anOcpiLocation(1);
    expect((await imported(tenant.slug, [{ ...sparse, state: null }])).sum).toMatchObject({
      locations: counts(0, 0, 1),
    });
    const [after] = await list('/locations');
    expect(after?.attributes).toMatchObject({
      parkingType: 'PARKING_LOT',
      directions: [{ language: 'en', text: 'Next to the lift.' }],
      timeSettings: { twentyfourseven: false, timeZone: 'Europe/Brussels' },
    });
    const [station] = await list('/charging_stations?filter[chargeBoxIdentity]=evse-1-1');
    expect(station?.attributes).toMatchObject({
      vendor: 'Vendor',
      firmwareVersion: '1.2.3',
      serialnumber: 'S1',
      securityProfile: 1,
      locationUuid: location?.id,
      label: 'BE*BEC*E1*1',
    });
    const [connector] = await list(`/charging_stations/${id}/connectors?filter[connectorNumber]=1`);
    expect(connector?.attributes).toMatchObject({
      status: 'Charging',
      statusAt: '2026-11-25T11:00:00.000Z',
      format: 'CABLE',
      evseNumber: 1,
    });
  });

  it('takes a station that stands nowhere, and none from another location', async () => {
    const tenant = await aTenant(app.store);
    const { call, list } = await aCallerOf(tenant.id);
    const elsewhere = await aLocation(app.store, tenant.id, { name: 'By hand' });
    const there = await aChargingStation(app.store, tenant.id, { identity: 'evse-1-1', label: 'Mine' });
    await call('PUT', `/locations/${elsewhere}/charging_stations/${there.id}`);
    const nowhere = await aChargingStation(app.store, tenant.id, { identity: 'evse-1-2' });

    const { code, notes, sum } = await imported(tenant.slug, [anOcpiLocation(1)]);
    expect({ code, notes, sum }).toMatchObject({
      code: 2,
      notes: [
        {
          kind: 'skipped',
          location: { number: 1, id: 'LOC1' },
          evse: { number: 1, id: 'evse-1-1' },
          connector: null,
          reason: 'The charging station of its identity stands at another location, "By hand".',
        },
      ],
      sum: { locations: counts(1), chargingStations: counts(0, 1, 0, 1), connectors: counts(2) },
    });
    const stations = await list('/charging_stations');
    const [location] = await list('/locations?filter[name]=Gent%20Zuid%201');
    expect(
      stations.map(({ id, attributes }) => [id, attributes['label'], attributes['locationUuid']]),
    ).toEqual([
      [there.id, 'Mine', elsewhere],
      [nowhere.id, 'BE*BEC*E1*2', location?.id],
    ]);
  });

  it('gives to a company what it makes, and what was there only when told so', async () => {
    const tenant = await aTenant(app.store);
    const [one, two] = [await aCompany(app.store, tenant.id), await aCompany(app.store, tenant.id)];
    const { list } = await aCallerOf(tenant.id);
    const owners = async () =>
      [...(await list('/locations')), ...(await list('/charging_stations'))].map(
        ({ attributes }) => attributes['companyUuid'],
      );
    await imported(tenant.slug, [anOcpiLocation(1)], '--company', one);
    expect(await owners()).toEqual([one, one, one]);
    await imported(tenant.slug, [anOcpiLocation(1)]);
    expect(await owners()).toEqual([one, one, one]);
    const { sum } = await imported(tenant.slug, [anOcpiLocation(1)], '--company', two);
    expect(sum).toMatchObject({ locations: counts(0, 1), chargingStations: counts(0, 2) });
    expect(await owners()).toEqual([two, two, two]);
  });

  it('keeps tenants apart: the same file is another tenant’s, too', async () => {
    const [one, two] = [await aTenant(app.store), await aTenant(app.store)];
    for (const tenant of [one, two]) {
      const { sum } = await imported(tenant.slug, [anOcpiLocation(1)]);
      expect(sum).toMatchObject({ locations: counts(1), chargingStations: counts(2), connectors: counts(4) });
    }
    const lists = await Promise.all(
      [one, two].map(async ({ id }) => (await aCallerOf(id)).list('/locations')),
    );
    expect(lists.map((list) => list.length)).toEqual([1, 1]);
  });

  it('tells with --dry-run the same as without, and writes nothing', async () => {
    const tenant = await aTenant(app.store);
    const wrong = { ...anOcpiLocation(3), name: 'a\0b' };
    const file = [
      anOcpiLocation(1),
      wrong,
      anOcpiLocation(1),
      { ...anOcpiLocation(4), evses: anOcpiLocation(1).evses },
    ];
    const dry = await imported(tenant.slug, file, '--dry-run');
    expect(await app.database.look('select 1 from locations where tenant_id = $1', [tenant.id])).toEqual([]);
    const wet = await imported(tenant.slug, file);
    expect(wet.sum).toMatchObject({
      locationsRead: 4,
      locations: counts(2, 0, 0, 2),
      chargingStations: counts(2, 0, 0, 2),
    });
    expect(dry).toEqual({ ...wet, sum: { ...wet.sum, isDryRun: true } });
  });

  it('keeps all whole locations of a file that is cut off, and says where', async () => {
    const tenant = await aTenant(app.store);
    const file = join(folder, 'cut.json');
    const text = JSON.stringify(Array.from({ length: 450 }, (_, at) => anOcpiLocation(at + 1)));
    await writeFile(file, text.slice(0, -100));
    const { code, stdout, stderr } = await run(importing(tenant.slug, file), environment());
    const start = text.indexOf('{"country_code":"BE","party_id":"BEC","id":"LOC450"');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `The file is cut off: the value that begins at byte ${start} has no end. 449 locations before that were read; what is told of them stands.\n`,
    });
    expect(stdout).toMatch(/^locations +449 +0 +0 +0$/m);
    expect(stdout).toMatch(/^charging stations +898 +0 +0 +0$/m);
    const rows = await app.database.look<{ n: string }>(
      'select count(*) as n from connectors where tenant_id = $1',
      [tenant.id],
    );
    expect(rows).toEqual([{ n: String(449 * 4) }]);
  });

  it('writes the others when the database refuses one location', async () => {
    const tenant = await aTenant(app.store);
    // Stands for what only the database finds out.
    await app.database.look(
      `alter table charging_stations add constraint no_such_label check (label <> 'BE*BEC*E7002*2')`,
    );
    try {
      const file = [7001, 7002, 7003].map(anOcpiLocation);
      const { code, notes, sum } = await imported(tenant.slug, file);
      expect({ code, notes, sum }).toMatchObject({
        code: 2,
        notes: [
          {
            kind: 'skipped',
            location: { number: 2, id: 'LOC7002' },
            evse: null,
            connector: null,
            reason: 'The database cannot hold one of its values.',
          },
        ],
        sum: { locations: counts(2, 0, 0, 1), chargingStations: counts(4), connectors: counts(8) },
      });
      const { list } = await aCallerOf(tenant.id);
      expect((await list('/locations')).map(({ attributes }) => attributes['name'])).toEqual([
        'Gent Zuid 7001',
        'Gent Zuid 7003',
      ]);
    } finally {
      await app.database.look('alter table charging_stations drop constraint no_such_label');
    }
  });

  it('tells a person each row and the sum, without what a terminal would obey', async () => {
    const tenant = await aTenant(app.store);
    const [evse, other] = anOcpiLocation(1).evses;
    const file = JSON.stringify([
      {
        ...anOcpiLocation(1),
        coordinates: null,
        evses: [
          { ...evse, uid: '' },
          { ...other, status: 'REMOVED' },
        ],
      },
      { ...anOcpiLocation(2), id: 'a\u{1b}[2J' },
    ]);
    const { code, stdout, stderr } = await run(importing(tenant.slug, '-'), environment(), file);
    expect({ code, stderr, lines: stdout.split('\n') }).toEqual({
      code: 2,
      stderr: '',
      lines: [
        'remark: location 1 (LOC1): coordinates is missing.',
        'skipped: location 1 (LOC1), EVSE 1: It has no uid.',
        'remark: location 1 (LOC1), EVSE 2 (evse-1-2): It is left out: its status is REMOVED.',
        'skipped: location 2 (a\u{fffd}[2J): It has no id of 1 to 100 printable ASCII characters.',
        '                     created    updated  unchanged    skipped',
        'locations                  1          0          0          1',
        'charging stations          0          0          0          1',
        'connectors                 0          0          0          0',
        '2 remarks, above.',
        '',
      ],
    });
  });

  it('stops at SIGINT with whole locations, though its input stays open', async () => {
    const tenant = await aTenant(app.store);
    const importer = chargeyard(importing(tenant.slug, '-', '--json'), environment(), null);
    await importer.printed(/"notes"/);
    const locations = Array.from({ length: 201 }, (_, at) => JSON.stringify(anOcpiLocation(at + 1)));
    importer.child.stdin?.write(`[${locations.join(',')},{"id":"half`);
    await app.database.until('select 1 from locations where tenant_id = $1', [tenant.id]);
    importer.child.kill('SIGINT');
    expect(await importer.exitCode).toBe(130);
    const { sum } = JSON.parse(importer.output().stdout) as { sum: Sum };
    expect(sum).toMatchObject({ locations: counts(201), connectors: counts(804), fault: 'It was stopped.' });
  });

  it.each([
    [['no_such_file.json'], 'The file "no_such_file.json" cannot be read'],
    [['/'], '"/" is a folder.'],
    [['-', '--company', 'nobody'], 'There is no company "nobody"'],
  ])('refuses %j in a sentence and ends with 1', async (options, sentence) => {
    const tenant = await aTenant(app.store);
    const { code, stdout, stderr } = await run(importing(tenant.slug, ...options), environment());
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/^ +at /m); // a stack
  });
});
