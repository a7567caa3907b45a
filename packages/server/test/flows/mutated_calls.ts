// Calls as a broken station may send them: good ones with something torn out, swapped or put in. The same seed makes the
// same calls.

const instant = '2026-11-25T12:00:00.000Z';

const goodCalls: readonly (readonly [string, object])[] = [
  ['BootNotification', { chargePointVendor: 'Vendor', chargePointModel: 'Model', firmwareVersion: '1.0' }],
  ['Heartbeat', {}],
  ['Authorize', { idTag: 'CARD' }],
  ['StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError', timestamp: instant }],
  ['StartTransaction', { connectorId: 1, idTag: 'CARD', meterStart: 1000, timestamp: instant }],
  [
    'StopTransaction',
    { transactionId: 1, idTag: 'CARD', meterStop: 2000, timestamp: instant, reason: 'Local' },
  ],
  [
    'MeterValues',
    {
      connectorId: 1,
      transactionId: 1,
      meterValue: [
        { timestamp: instant, sampledValue: [{ value: '12', measurand: 'Voltage', unit: 'V', phase: 'L1' }] },
      ],
    },
  ],
  ['DataTransfer', { vendorId: 'vendor', messageId: 'message', data: '{"a":1}' }],
  ['DiagnosticsStatusNotification', { status: 'Uploaded' }],
  ['FirmwareStatusNotification', { status: 'Installed' }],
  ['SecurityEventNotification', { type: 'FirmwareUpdated', timestamp: instant }],
  ['SignCertificate', { csr: 'csr' }],
  ['Reset', { type: 'Hard' }],
];

const oddValues: readonly unknown[] = [
  null,
  '',
  ' ',
  '\0',
  '\u{1f50c}'.repeat(300),
  'x'.repeat(10_000),
  '2026-02-30T00:00:00Z',
  '-271821-04-20T00:00:00.000Z',
  '1',
  'NaN',
  '1,5',
  'constructor',
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  1e30,
  1e308,
  true,
  [],
  {},
  [[[[[[[[]]]]]]]],
  { __proto__: null, toString: 1 },
];

/** Numbers from 0 to 1 (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.trunc(state + 0x6d2b79f5);
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Answers a function that makes one frame after the other; bytes are sent as a binary frame. */
export function mutatedCalls(random: () => number): () => string | Buffer {
  const whole = (below: number) => Math.floor(random() * below);
  const oneOf = <T>(values: readonly T[]): T => values[whole(values.length)] as T;
  let made = 0;

  function withOddValue(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || random() < 0.2) return oneOf(oddValues);
    const keys = Object.keys(value);
    if (keys.length === 0) return { odd: oneOf(oddValues) };
    const key = oneOf(keys);
    const changed = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<
      string,
      unknown
    >;
    if (random() < 0.2) delete changed[key];
    else if (random() < 0.1) changed[`${key}x`] = oneOf(oddValues);
    else changed[key] = withOddValue(changed[key]);
    return changed;
  }

  return () => {
    const [action, payload] = oneOf(goodCalls);
    const id = random() < 0.1 ? 'again' : `m-${(made += 1)}`;
    const call: unknown[] = [2, id, action, payload];
    switch (whole(6)) {
      case 0: {
        const text = JSON.stringify(call);
        const [start, length] = [whole(text.length), whole(20)];
        return text.slice(0, start) + text.slice(start + length);
      }
      case 1: {
        const bytes = Buffer.from(JSON.stringify(call));
        bytes[whole(bytes.length)] = whole(256);
        return bytes;
      }
      case 2:
        return JSON.stringify(withOddValue(call));
      case 3:
        return JSON.stringify([
          oneOf([1, 2, 3, 4, 5, '2', null]),
          id,
          oneOf([action, 'Nothing', 5]),
          payload,
        ]);
      default:
        return JSON.stringify([2, id, action, withOddValue(payload)]);
    }
  };
}
