// Driver tokens that a station knows by itself: OCPP 1.6 §3.5, §5.4, §5.10, §5.15.

import { describe, expect, test } from 'vitest';
import { bootedStation } from './booted_station.ts';
import type { BootedStation } from './booted_station.ts';

const accepted = { status: 'Accepted' };
const entry = (idTag: string, idTagInfo: object | undefined = accepted) => ({ idTag, idTagInfo });

function sendList(
  { call }: BootedStation,
  listVersion: number,
  updateType: 'Full' | 'Differential',
  localAuthorizationList: object[],
) {
  return call('SendLocalList', { listVersion, updateType, localAuthorizationList });
}

/** What a start of these driver tokens asks the central system. */
async function asked({ call, system }: BootedStation, idTag: string): Promise<string[]> {
  const before = system.calls.all.length;
  await call('RemoteStartTransaction', { connectorId: 1, idTag });
  await system.calls.firsts(before + 2, () => true);
  return system.calls.all.slice(before, before + 2).map(({ action }) => action);
}

describe('the local list', () => {
  test('is of version 0 until there is one', async () => {
    const booted = await bootedStation();
    expect(await booted.call('GetLocalListVersion', {})).toEqual({ listVersion: 0 });
    expect(await sendList(booted, 3, 'Full', [entry('A')])).toEqual(accepted);
    expect(await booted.call('GetLocalListVersion', {})).toEqual({ listVersion: 3 });
  });

  test('takes what changed, of a later version only', async () => {
    const booted = await bootedStation();
    await sendList(booted, 3, 'Full', [entry('A')]);
    const mismatch = { status: 'VersionMismatch' };
    expect(await sendList(booted, 3, 'Differential', [entry('B')])).toEqual(mismatch);
    expect(await sendList(booted, 4, 'Differential', [entry('B'), { idTag: 'A' }])).toEqual(accepted);
    expect(await booted.call('GetLocalListVersion', {})).toEqual({ listVersion: 4 });
  });

  test('fails where a driver token comes twice', async () => {
    const booted = await bootedStation();
    expect(await sendList(booted, 1, 'Full', [entry('A'), entry('a')])).toEqual({ status: 'Failed' });
    expect(await booted.call('GetLocalListVersion', {})).toEqual({ listVersion: 0 });
  });

  test('is not supported while it is switched off', async () => {
    const booted = await bootedStation();
    await booted.call('ChangeConfiguration', { key: 'LocalAuthListEnabled', value: 'false' });
    expect(await sendList(booted, 1, 'Full', [])).toEqual({ status: 'NotSupported' });
    expect(await booted.call('GetLocalListVersion', {})).toEqual({ listVersion: -1 });
  });

  test('spares the question, where it is configured so', async () => {
    const booted = await bootedStation();
    await sendList(booted, 1, 'Full', [entry('LISTED')]);
    for (const key of ['AuthorizeRemoteTxRequests', 'LocalPreAuthorize']) {
      await booted.call('ChangeConfiguration', { key, value: 'true' });
    }
    expect(await asked(booted, 'listed')).toEqual(['StatusNotification', 'StartTransaction']);
  });
});

describe('ClearCache', () => {
  test('is accepted', async () => {
    const { call } = await bootedStation();
    expect(await call('ClearCache', {})).toEqual(accepted);
  });

  test('is rejected where there is no cache', async () => {
    const { call } = await bootedStation();
    await call('ChangeConfiguration', { key: 'AuthorizationCacheEnabled', value: 'false' });
    expect(await call('ClearCache', {})).toEqual({ status: 'Rejected' });
  });
});
