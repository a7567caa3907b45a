import { describe, expect, it } from 'vitest';
import { communicationEntry, leftOutEntry, longestText } from '../../src/domain/index.ts';
import type { CallMade } from '../../src/domain/index.ts';

const at = new Date('2026-11-25T12:00:00.000Z');
const station = { tenantId: 'tenant', chargingStationId: 'station', connectionId: 'connection', at };
const entry = { ...station, hasProblem: false, isCut: false };
const call = (what: Partial<CallMade> = {}) =>
  communicationEntry({
    ...station,
    kind: 'call',
    direction: 'from_station',
    action: 'Authorize',
    messageId: 'id',
    payload: { idTag: 'A "tag" \u0000' },
    answer: { payload: { idTagInfo: { status: 'Accepted' } } },
    latencyMs: 3,
    deviations: [],
    ...what,
  });

describe('an entry of the communication log', () => {
  it('has a call and its answer as JSON', () => {
    expect(call()).toEqual({
      ...entry,
      kind: 'call',
      direction: 'from_station',
      action: 'Authorize',
      messageId: 'id',
      payload: '{"idTag":"A \\"tag\\" \\u0000"}',
      answer: '{"idTagInfo":{"status":"Accepted"}}',
      latencyMs: 3,
      deviations: [],
    });
  });

  it('is a problem when the call was refused, deviated or got no answer', () => {
    const error = { code: 'NotSupported', description: 'Why.' };
    expect(call({ answer: { error } })).toMatchObject({
      errorCode: 'NotSupported',
      errorDescription: 'Why.',
      hasProblem: true,
    });
    expect(call({ answer: { error } }).answer).toBeUndefined();
    expect(call({ deviations: ['x'] })).toMatchObject({ deviations: ['x'], hasProblem: true });
    expect(call({ answer: undefined, latencyMs: undefined })).toMatchObject({ hasProblem: true });
  });

  it('of a late answer has no payload: an earlier entry has it', () => {
    expect(call({ payload: undefined }).payload).toBeUndefined();
  });

  it('is there whatever is nested in what was said', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(call({ payload: deep })).toMatchObject({ payload: '['.repeat(longestText), isCut: true });
    expect(call({ action: 'GetConfiguration', answer: { payload: deep } })).toMatchObject({
      answer: '(withheld)',
    });
  });

  it('cuts what is long, and says so', () => {
    const payload = 'x'.repeat(longestText - 2);
    expect(call({ payload })).toMatchObject({ payload: `"${payload}"`, isCut: false });
    expect(call({ payload: `${payload}x` })).toMatchObject({ payload: `"${payload}x`, isCut: true });
    expect(call({ answer: { payload: `${payload}x` } })).toMatchObject({
      answer: `"${payload}x`,
      isCut: true,
    });
    expect(call({ action: 'x'.repeat(300), messageId: 'x'.repeat(300) })).toMatchObject({
      action: 'x'.repeat(255),
      messageId: 'x'.repeat(255),
    });
  });

  it.each(['AuthorizationKey', 'authorizationkey'])('withholds the value of %s', (key) => {
    const secret = 'a-password-of-16+';
    expect(call({ action: 'ChangeConfiguration', payload: { key, value: secret } })).toMatchObject({
      payload: `{"key":"${key}","value":"(withheld)"}`,
    });
    const keys = [
      { key, readonly: false, value: secret },
      { key: 'HeartbeatInterval', readonly: false, value: '300' },
    ];
    const told = call({ action: 'GetConfiguration', answer: { payload: { configurationKey: keys } } });
    expect(told.answer).toContain('"value":"300"');
    expect(told.answer).not.toContain(secret);
    const text = `[3,"id",{"configurationKey":[{"key":"${key}","value":"${secret}"`;
    expect(communicationEntry({ ...station, kind: 'ignored_frame', text, reason: 'broken answer' })).toEqual({
      ...entry,
      kind: 'ignored_frame',
      direction: 'from_station',
      payload: '(withheld)',
      note: 'broken answer',
      hasProblem: true,
    });
  });

  it('has the text of what was no call, but for what PostgreSQL cannot hold', () => {
    const error = { code: 'FormationViolation', description: 'The message is not valid JSON.' };
    expect(
      communicationEntry({ ...station, kind: 'broken_frame', messageId: '-1', text: '[2,\0', error }),
    ).toEqual({
      ...entry,
      kind: 'broken_frame',
      direction: 'from_station',
      messageId: '-1',
      payload: '[2,\uFFFD',
      errorCode: 'FormationViolation',
      errorDescription: 'The message is not valid JSON.',
      hasProblem: true,
    });
  });

  it('tells of connections', () => {
    expect(communicationEntry({ ...station, kind: 'connection_opened', ocppVersion: '1.6' })).toEqual({
      ...entry,
      kind: 'connection_opened',
      note: '1.6',
    });
    expect(communicationEntry({ ...station, kind: 'connection_closed', reason: '1001 \0' })).toEqual({
      ...entry,
      kind: 'connection_closed',
      note: '1001 \uFFFD',
    });
  });

  it('tells what was left out', () => {
    const until = new Date('2026-11-25T12:00:01.000Z');
    expect(leftOutEntry(station, { count: 2, from: at, until })).toEqual({
      tenantId: 'tenant',
      chargingStationId: 'station',
      at: until,
      kind: 'left_out',
      note: '2 entries from 2026-11-25T12:00:00.000Z to 2026-11-25T12:00:01.000Z could not be kept: the database was away.',
      hasProblem: true,
      isCut: false,
    });
  });
});
