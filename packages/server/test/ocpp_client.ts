// A charging station's side of OCPP that is not ours: `ocpp-rpc`, which checks every frame against the schemas.

import { RPCClient } from 'ocpp-rpc';

type Options = ConstructorParameters<typeof RPCClient>[0];

/** An OCPP 1.6 client that does not reconnect. Its declared options are all required, though each has a default. */
export function ocppClient(options: {
  endpoint: string;
  identity: string;
  password?: string;
  /** Calls that may be unanswered at once, 1 unless given. */
  callConcurrency?: number;
  /** What is trusted, and what is shown, in TLS. */
  wsOpts?: { ca: string; cert?: string; key?: string };
}): RPCClient {
  return new RPCClient({
    protocols: ['ocpp1.6'],
    strictMode: true,
    reconnect: false,
    ...options,
  } as unknown as Options);
}
