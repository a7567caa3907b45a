// Driver tokens that the station is told of and forgets: the local list and the cache (OCPP 1.6 §5.4, §5.10, §5.15).

import { idTagInfoIn } from '../authorizations.ts';
import { answered } from './csms_call.ts';
import type { CsmsCall } from './csms_call.ts';
import { integerIn, objectsIn, optional, textIn, wordIn } from './members.ts';

export const handleClearCache: CsmsCall = (_payload, { memory }) =>
  answered(memory.authorizations.clearCache() ? 'Accepted' : 'Rejected');

export const handleGetLocalListVersion: CsmsCall = (_payload, { memory }) => ({
  payload: { listVersion: memory.authorizations.listVersion },
});

export const handleSendLocalList: CsmsCall = (payload, { memory }) => {
  const entries = optional(objectsIn, payload, 'localAuthorizationList') ?? [];
  return answered(
    memory.authorizations.updateList({
      version: integerIn(payload, 'listVersion'),
      isFull: wordIn(payload, 'updateType', ['Full', 'Differential']) === 'Full',
      entries: entries.map((entry) => ({
        idTag: textIn(entry, 'idTag'),
        info: idTagInfoIn(entry['idTagInfo']),
      })),
    }),
  );
};
