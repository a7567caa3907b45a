// Events: what the event stream and webhooks tell, and when. `data` of each has the names of the resource's attributes.

export const eventTypes = [
  'station.connected',
  'station.disconnected',
  'station.booted',
  'connector.status',
  'transaction.started',
  'transaction.updated',
  'transaction.stopped',
  'command.finished',
  'error.opened',
  'error.closed',
  'maintenance_window.started',
  'maintenance_window.ended',
] as const;
export type EventType = (typeof eventTypes)[number];

/** What `POST webhooks/:id/test` sends; it is no event that happened. */
export const testEventType = 'webhook.test';
