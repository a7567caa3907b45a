// The remote commands of OCPP 1.6's Local Auth List Management profile.

import { Type } from 'typebox';
import { parametersOf } from './command.ts';
import type { CommandDeclaration } from './command.ts';
import { count, idTag, instant, oneOf } from './values.ts';

const idTagInfo = Type.Object(
  {
    status: oneOf(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']),
    expiryDate: Type.Optional(instant()),
    parentIdTag: Type.Optional(idTag()),
  },
  {
    additionalProperties: false,
    description: 'Left out of a differential update: the driver token is taken off the list.',
  },
);

const authorization = Type.Object(
  {
    idTag: idTag(),
    idTagInfo: Type.Optional(idTagInfo),
  },
  { additionalProperties: false },
);

export const localAuthListCommands = {
  get_local_list_version: {
    summary: 'Read the version of the local authorization list',
    actions: { 1.6: 'GetLocalListVersion' },
    parameters: parametersOf({}),
    example: {},
    results: {},
  },
  send_local_list: {
    summary: 'Send the local authorization list, whole or what changed of it',
    actions: { 1.6: 'SendLocalList' },
    parameters: parametersOf({
      listVersion: count('Of the list after the update.'),
      updateType: oneOf(['Full', 'Differential']),
      localAuthorizationList: Type.Optional(
        Type.Array(authorization, {
          maxItems: 10_000,
          description: 'Left out of a full update: the list is empty.',
        }),
      ),
    }),
    example: {
      listVersion: 12,
      updateType: 'Full',
      localAuthorizationList: [
        {
          idTag: '04A2B3C4D5E6F7',
          idTagInfo: { status: 'Accepted', expiryDate: '2091-12-31T23:00:00.000Z' },
        },
      ],
    },
    results: {
      Accepted: 'The station has the list of this version.',
      Failed: 'The list could not be stored.',
      NotSupported: 'The station has no such list.',
      VersionMismatch: 'A differential update is of no later version than the list: send the full list.',
    },
  },
} as const satisfies Readonly<Record<string, CommandDeclaration>>;
