// webhooks: receivers of events. What they are sent, and how it is signed, is in docs/events.md.

import { Type } from 'typebox';
import { eventTypes } from '../events.ts';
import { orNull } from '../resource.ts';
import type { ResourceDeclaration } from '../resource.ts';
import { instant, uuid } from '../values.ts';

export const webhooks = {
  type: 'webhooks',
  id: 'uuid',
  paged: 'offset',
  searched: ['url', 'description'],
  hasUpdatedSince: true,
  attributes: {
    url: {
      schema: Type.String({
        maxLength: 2000,
        pattern: '^https?://[!-~]+$',
        description: 'Where events are posted: https, at a public address, unless the server allows others.',
      }),
      written: 'always',
      required: true,
      sorts: true,
      filters: true,
      example: 'https://receiver.example/events',
    },
    description: {
      schema: orNull(Type.String({ maxLength: 1000 })),
      written: 'always',
      example: 'Billing',
    },
    eventTypes: {
      schema: orNull(
        Type.Array(Type.Union(eventTypes.map((type) => Type.Literal(type))), {
          minItems: 1,
          uniqueItems: true,
        }),
        'Which events it is sent; null: all.',
      ),
      written: 'always',
      example: ['maintenance_window.started', 'maintenance_window.ended'],
    },
    state: {
      schema: Type.Union([Type.Literal('active'), Type.Literal('paused')], {
        description:
          'paused: nothing is sent, and events wait; pauseReason tells why. Whoever writes active has it go on in his own name.',
      }),
      written: 'always',
      sorts: true,
      filters: true,
      example: 'active',
    },
    pauseReason: {
      schema: orNull(
        Type.Union([
          Type.Literal('requested'),
          Type.Literal('failing'),
          Type.Literal('gone'),
          Type.Literal('forbidden'),
        ]),
        'requested: by whoever wrote it. failing: the receiver took nothing for a day; gone: it answered 410. forbidden: in whose name it is may not have its events.',
      ),
      filters: true,
      example: null,
    },
    companyUuid: {
      schema: orNull(
        uuid,
        'The company whose events it is sent, as its maker sees them; null: the whole tenant.',
      ),
      filters: true,
      example: null,
    },
    visibility: {
      schema: orNull(
        Type.Union([Type.Literal('company'), Type.Literal('subtree')]),
        'With companyUuid: that company alone, or its subordinates, too.',
      ),
      example: null,
    },
    pending: {
      schema: Type.Integer({ description: 'How many events wait to be sent; 10000: so many, or more.' }),
      example: 0,
    },
    leftOut: {
      schema: Type.Integer({
        description:
          'How many events it was not sent in the end, having refused them for a day while it took others.',
      }),
      example: 0,
    },
    lastDeliveredAt: { schema: orNull(instant), sorts: true, example: null },
    lastError: {
      schema: orNull(Type.String(), 'Why an attempt failed last.'),
      example: null,
    },
    lastErrorAt: { schema: orNull(instant), sorts: true, example: null },
    createdAt: { schema: instant, sorts: true },
    updatedAt: { schema: instant, sorts: true },
  },
  shownOnce: {
    secret: {
      schema: Type.String({ description: 'What deliveries are signed with, shown now and never again.' }),
      example: 'whsec_WEBHOOK_SECRET',
    },
  },
} as const satisfies ResourceDeclaration;
