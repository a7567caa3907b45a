import { describe, expect, test } from 'vitest';
import { CallQueue } from '../src/call_queue.ts';
import { EventLog } from './event_log.ts';

type SentCall = [kind: number, id: string, action: string, payload: unknown];

function aCallQueue(timeoutMs = 30_000): { queue: CallQueue; sent: EventLog<SentCall> } {
  const sent = new EventLog<SentCall>();
  return { queue: new CallQueue((text) => sent.push(JSON.parse(text) as SentCall), timeoutMs), sent };
}

const nothing = (): Record<string, unknown> => ({});

describe('a call queue', () => {
  test('sends the second call when the first one is answered', async () => {
    const { queue, sent } = aCallQueue();
    const first = queue.call('Heartbeat', nothing);
    void queue.call('BootNotification', nothing);
    expect(sent.all.map(([, , action]) => action)).toEqual(['Heartbeat']);
    queue.handleAnswer({ kind: 'call_result', id: sent.all[0]?.[1] ?? '', payload: { a: 1 } });
    expect(await first).toMatchObject({ kind: 'result', payload: { a: 1 } });
    expect(sent.all.map(([, , action]) => action)).toEqual(['Heartbeat', 'BootNotification']);
    queue.close();
  });

  test('gives each call an id of its own, of at most 36 characters', async () => {
    const { queue, sent } = aCallQueue(1);
    await Promise.all([queue.call('Heartbeat', nothing), queue.call('Heartbeat', nothing)]);
    const ids = sent.all.map(([, id]) => id);
    expect(new Set(ids).size).toBe(2);
    expect(ids.every((id) => id.length <= 36)).toBe(true);
  });

  test('gives up a call that is not answered in time and sends the next', async () => {
    const { queue, sent } = aCallQueue(1);
    const first = queue.call('Heartbeat', nothing);
    void queue.call('BootNotification', nothing);
    expect(await first).toEqual({ kind: 'timed_out' });
    expect(await sent.first(([, , action]) => action === 'BootNotification')).toBeDefined();
    queue.close();
  });

  test('drops an answer that came too late', async () => {
    const { queue, sent } = aCallQueue(1);
    await queue.call('Heartbeat', nothing);
    const next = queue.call('Heartbeat', nothing);
    queue.handleAnswer({ kind: 'call_result', id: sent.all[0]?.[1] ?? '', payload: {} });
    expect(await next).toEqual({ kind: 'timed_out' });
  });

  test('ends a call with the error it was answered with', async () => {
    const { queue, sent } = aCallQueue();
    const call = queue.call('Heartbeat', nothing);
    queue.handleAnswer({
      kind: 'call_error',
      id: sent.all[0]?.[1] ?? '',
      errorCode: 'InternalError',
      description: '',
    });
    expect(await call).toEqual({ kind: 'error', errorCode: 'InternalError', description: '' });
  });

  test('ends all calls when it is closed', async () => {
    const { queue, sent } = aCallQueue();
    const calls = [queue.call('Heartbeat', nothing), queue.call('Heartbeat', nothing)];
    queue.close();
    calls.push(queue.call('Heartbeat', nothing));
    expect(await Promise.all(calls)).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'connection_closed' })),
    );
    expect(sent.all).toHaveLength(1);
  });
});
