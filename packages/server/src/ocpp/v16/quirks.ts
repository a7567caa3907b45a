// What stations of single makes do beside OCPP 1.6, as reported in public. A quirk is for what other makes mean otherwise;
// what can mean one thing only is a rule for all, in leniency.ts.

import type { Quirk } from '../rpc/leniency.ts';

export const quirks: readonly Quirk[] = [
  {
    vendor: /^growatt$/i,
    source: 'https://github.com/evcc-io/evcc/issues/10399',
    // Their clock shows local time, which is written without a zone.
    rules: { zoneless: 'station' },
  },
];
