import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Unavailable } from '../../src/domain/index.ts';
import { aBoot, gate, now, testGateway, testStation } from './test_gateway.ts';

const station = { tenantId: 'tenant-demo', chargingStationId: 'id-open-1', connectionId: 'connection-1' };
const opened = { ...station, kind: 'connection_opened', at: now, node: 'node-1', ocppVersion: '1.6' };

describe('facts of a connection', () => {
  it('records opened, then what calls bring, then closed, all with the connection id', async () => {
    const server = await testGateway();
    const client = await testStation(server);
    await client.call('1', 'StatusNotification', {
      connectorId: 1,
      errorCode: 'NoError',
      status: 'Available',
    });
    client.webSocket.close();
    await server.recorded('connection_closed');
    expect(server.facts).toEqual([
      opened,
      {
        ...station,
        kind: 'connector_reported',
        connectorNumber: 1,
        status: 'Available',
        errorCode: 'NoError',
        vendorErrorCode: undefined,
        vendorId: undefined,
        info: undefined,
        at: now,
        receivedAt: now,
      },
      { ...station, kind: 'connection_closed', at: now },
    ]);
    expect(server.gateway.connectionCount()).toBe(0);
  });

  it('reports every frame as a sign of life, even a broken one', async () => {
    const server = await testGateway();
    const client = await testStation(server);
    client.send('{');
    await client.next();
    await client.call('1', 'Heartbeat', {});
    expect(server.seen).toEqual([station, station]);
  });

  it('keeps what a station said right before it closed', async () => {
    const boot = gate();
    const server = await testGateway({
      record: async (fact) => {
        if (fact.kind === 'booted') await boot.passed;
      },
    });
    const client = await testStation(server);
    client.send(JSON.stringify([2, '1', 'BootNotification', aBoot]));
    client.send(
      JSON.stringify([
        2,
        '2',
        'StatusNotification',
        { connectorId: 1, errorCode: 'NoError', status: 'Available' },
      ]),
    );
    await server.recorded('booted');
    client.webSocket.close();
    await client.closed;
    boot.open();
    await server.recorded('connection_closed');
    expect(server.facts.map((fact) => fact.kind)).toEqual([
      'connection_opened',
      'booted',
      'connector_reported',
      'connection_closed',
    ]);
  });

  it('announces the connection again before the next fact if the first attempt failed', async () => {
    let isAway = true;
    const server = await testGateway({
      record: async (fact) => {
        if (isAway && fact.kind === 'connection_opened') throw new Unavailable('away');
      },
    });
    const client = await testStation(server);
    expect(await client.call('1', 'BootNotification', aBoot)).toEqual([
      4,
      '1',
      'InternalError',
      expect.any(String),
      {},
    ]);
    isAway = false;
    expect(await client.call('2', 'BootNotification', aBoot)).toEqual([3, '2', expect.any(Object)]);
    expect(server.facts.map((fact) => fact.kind)).toEqual([
      'connection_opened',
      'connection_opened',
      'connection_opened',
      'booted',
    ]);
  });
});

describe('acknowledge after commit', () => {
  it('answers a call only after its fact is durable', async () => {
    const commit = gate();
    const server = await testGateway({
      record: async (fact) => {
        if (fact.kind === 'booted') await commit.passed;
      },
    });
    const client = await testStation(server);
    client.send(JSON.stringify([2, '1', 'BootNotification', aBoot]));
    await server.recorded('booted');
    // A ping's pong overtakes nothing: had the answer been sent, it would be here before the pong.
    client.webSocket.ping();
    await once(client.webSocket, 'pong');
    expect(client.received).toEqual([]);
    commit.open();
    expect(await client.next()).toEqual([
      3,
      '1',
      { status: 'Accepted', currentTime: now.toISOString(), interval: 300 },
    ]);
  });

  it.each([
    [
      new Unavailable('password=secret'),
      'This cannot be stored at the moment. Please send it again later.',
      'a call could not be stored',
    ],
    [
      new Error('password=secret'),
      'This call could not be handled because of a fault in the CPO back end.',
      'a call could not be handled',
    ],
  ])(
    'answers InternalError when the fact cannot be stored, and keeps the connection: %s',
    async (error, sentence, logged) => {
      const server = await testGateway({
        record: async (fact) => {
          if (fact.kind === 'booted') throw error;
        },
      });
      const client = await testStation(server);
      expect(await client.call('1', 'BootNotification', aBoot)).toEqual([
        4,
        '1',
        'InternalError',
        sentence,
        {},
      ]);
      expect(await client.call('2', 'Heartbeat', {})).toEqual([3, '2', { currentTime: now.toISOString() }]);
      expect(server.logLines.join('')).toContain(logged);
    },
  );

  it('survives a record that throws instead of rejecting', async () => {
    const server = await testGateway({
      record: () => {
        throw new Error('at once');
      },
    });
    const client = await testStation(server);
    expect(await client.call('1', 'BootNotification', aBoot)).toEqual([
      4,
      '1',
      'InternalError',
      expect.any(String),
      {},
    ]);
    expect((await client.call('2', 'Heartbeat', {})).slice(0, 2)).toEqual([3, '2']);
  });
});

describe('order', () => {
  it('answers the calls of a connection in their order, broken ones included', async () => {
    const server = await testGateway({
      record: async (fact) => {
        // Later ones would be durable sooner.
        if (fact.kind === 'connector_reported') {
          for (let turns = 20 - fact.connectorNumber; turns > 0; turns -= 1) await new Promise(setImmediate);
        }
      },
    });
    const client = await testStation(server);
    const ids = Array.from({ length: 20 }, (_, number) => String(number));
    for (const id of ids) {
      client.send(
        Number(id) % 5 === 4
          ? `[2,"${id}","Heartbeat",{`
          : JSON.stringify([
              2,
              id,
              'StatusNotification',
              { connectorId: Number(id), errorCode: 'NoError', status: 'Available' },
            ]),
      );
    }
    const answered: unknown[] = [];
    for (const _ of ids) answered.push((await client.next())[1]);
    expect(answered).toEqual(ids);
  });

  it('does not let one station wait for another', async () => {
    const held = gate();
    const server = await testGateway({
      record: async (fact) => {
        if (fact.kind === 'booted' && fact.chargingStationId === 'id-open-1') await held.passed;
      },
    });
    const slow = await testStation(server, '/ocpp/demo/open-1');
    const quick = await testStation(server, '/ocpp/demo/open-2');
    slow.send(JSON.stringify([2, '1', 'BootNotification', aBoot]));
    await server.recorded('booted');
    expect(await quick.call('2', 'BootNotification', aBoot)).toMatchObject([3, '2', { status: 'Accepted' }]);
    held.open();
    expect(await slow.next()).toMatchObject([3, '1', { status: 'Accepted' }]);
  });
});

describe('back-pressure', () => {
  it('stops reading a station whose calls wait, and drops nothing', async () => {
    const held = gate();
    const server = await testGateway({
      record: async (fact) => {
        if (fact.kind === 'booted') await held.passed;
      },
    });
    const client = await testStation(server);
    client.send(JSON.stringify([2, 'boot', 'BootNotification', aBoot]));
    await server.recorded('booted');
    const total = 2_000;
    const info = 'x'.repeat(50);
    const padding = ' '.repeat(10_000); // 20 MB: more than any socket buffer holds
    for (let id = 0; id < total; id += 1) {
      const payload = { connectorId: 1, errorCode: 'NoError', status: 'Available', info };
      client.send(JSON.stringify([2, String(id), 'StatusNotification', payload]) + padding);
    }
    // The client cannot get rid of its frames: the server reads no more.
    const quick = await testStation(server, '/ocpp/demo/open-2');
    for (let id = 0; id < 200; id += 1) await quick.call(String(id), 'Heartbeat', {});
    const readWhileHeld = server.seen.filter((fact) => fact.chargingStationId === 'id-open-1').length;
    expect(readWhileHeld).toBeLessThan(50);
    expect(client.webSocket.bufferedAmount).toBeGreaterThan(1_000_000);
    held.open();
    expect((await client.next()).slice(0, 2)).toEqual([3, 'boot']);
    for (let id = 0; id < total; id += 1) expect(await client.next()).toEqual([3, String(id), {}]);
  });
});

describe('newest wins', () => {
  it('closes the older connection with 1008 and its late close speaks for itself only', async () => {
    const server = await testGateway();
    const older = await testStation(server);
    const newer = await testStation(server);
    expect(await older.closed).toEqual({
      code: 1008,
      reason: 'replaced by a newer connection of this station',
    });
    await server.recorded('connection_closed');
    expect(server.facts).toEqual([
      opened,
      { ...opened, connectionId: 'connection-2' },
      { ...station, kind: 'connection_closed', at: now },
    ]);
    expect(server.gateway.connectionCount()).toBe(1);
    expect((await newer.call('1', 'Heartbeat', {})).slice(0, 2)).toEqual([3, '1']);
  });

  it('keeps nothing more of the older connection once the newer one is open', async () => {
    const held = gate();
    const server = await testGateway({
      record: async (fact) => {
        if (fact.kind === 'booted' && fact.connectionId === 'connection-1') await held.passed;
      },
    });
    const older = await testStation(server);
    older.send(JSON.stringify([2, '1', 'BootNotification', aBoot]));
    older.send(JSON.stringify([2, '2', 'BootNotification', aBoot]));
    await server.sawStations(2);
    await server.recorded('booted');
    const newer = await testStation(server);
    held.open();
    await newer.call('3', 'BootNotification', aBoot);
    await older.closed;
    await server.recorded('connection_closed');
    const boots = server.facts.filter((fact) => fact.kind === 'booted').map((fact) => fact.connectionId);
    expect(boots).toEqual(['connection-1', 'connection-2']);
  });

  it('keeps nothing of a call that was in work when the newer connection opened', async () => {
    const held = gate();
    let attempts = 0;
    const server = await testGateway({
      record: async (fact) => {
        if (fact.kind !== 'connection_opened' || fact.connectionId !== 'connection-1') return;
        attempts += 1;
        if (attempts === 1) throw new Unavailable('away');
        await held.passed;
      },
    });
    const older = await testStation(server);
    older.send(JSON.stringify([2, '1', 'BootNotification', aBoot]));
    await server.recorded('connection_opened', 2);
    const newer = await testStation(server);
    await newer.call('2', 'BootNotification', aBoot);
    held.open();
    await server.recorded('connection_closed');
    const boots = server.facts.filter((fact) => fact.kind === 'booted').map((fact) => fact.connectionId);
    expect(boots).toEqual(['connection-2']);
  });

  it('leaves the same identity of another station alone', async () => {
    const server = await testGateway();
    await testStation(server, '/ocpp/demo/open-1');
    await testStation(server, '/ocpp/demo/open-2');
    expect(server.gateway.connectionCount()).toBe(2);
  });
});

describe('connection life', () => {
  it('closes a connection that sends an oversized frame with 1009', async () => {
    const server = await testGateway({ maxFrameBytes: 1_000 });
    const client = await testStation(server);
    const other = await testStation(server, '/ocpp/demo/open-2');
    client.send('x'.repeat(1_001));
    expect((await client.closed).code).toBe(1009);
    await server.recorded('connection_closed');
    expect((await other.call('1', 'Heartbeat', {})).slice(0, 2)).toEqual([3, '1']);
  });

  it('RFC 6455 5.5.2 ends a connection that does not answer pings, and no other', async () => {
    const server = await testGateway({ pingIntervalMs: 30 });
    const alive = await testStation(server, '/ocpp/demo/open-2');
    const dead = await testStation(server);
    // Does not read any more, so it cannot answer.
    dead.webSocket.pause();
    await server.recorded('connection_closed');
    expect(server.facts.at(-1)).toMatchObject({ kind: 'connection_closed', chargingStationId: 'id-open-1' });
    expect((await alive.call('1', 'Heartbeat', {})).slice(0, 2)).toEqual([3, '1']);
  });

  it('does not blame a station for silence while its calls wait for the store', async () => {
    const held = gate();
    const server = await testGateway({
      pingIntervalMs: 20,
      record: async (fact) => {
        if (fact.kind === 'booted') await held.passed;
      },
    });
    const client = await testStation(server);
    for (let id = 0; id < 20; id += 1)
      client.send(JSON.stringify([2, String(id), 'BootNotification', aBoot]));
    await server.recorded('booted');
    let pings = 0;
    const other = await testStation(server, '/ocpp/demo/open-2');
    while (pings < 4) {
      await once(other.webSocket, 'ping');
      pings += 1;
    }
    held.open();
    for (let id = 0; id < 20; id += 1) expect((await client.next()).slice(0, 2)).toEqual([3, String(id)]);
  });

  it('close() answers what was read, closes with 1001, and waits until all is durable', async () => {
    const held = gate();
    const server = await testGateway({
      record: async (fact) => {
        if (fact.kind === 'booted') await held.passed;
      },
    });
    const idle = await testStation(server, '/ocpp/demo/open-2');
    const busy = await testStation(server);
    busy.send(JSON.stringify([2, '1', 'BootNotification', aBoot]));
    await server.recorded('booted');
    let isClosed = false;
    const closing = server.gateway.close().then(() => (isClosed = true));
    expect((await idle.closed).code).toBe(1001);
    expect(isClosed).toBe(false);
    held.open();
    await closing;
    expect(await busy.next()).toMatchObject([3, '1', { status: 'Accepted' }]);
    expect((await busy.closed).code).toBe(1001);
    expect(server.facts.filter((fact) => fact.kind === 'connection_closed')).toHaveLength(2);
  });
});
