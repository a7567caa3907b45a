// What happens while the database is away is in cpoapi/database_away.test.ts.

import { describe, expect, it } from 'vitest';
import { testApp } from './test_app.ts';

const app = testApp();

describe('health', () => {
  it.each([
    ['live', { status: 'live' }],
    ['ready', { status: 'ready' }],
  ])('/health/%s is 200 without an access token, on any host', async (name, body) => {
    for (const host of ['localhost', 'demo.localhost', '10.0.0.1']) {
      const answer = await app.ask(`/health/${name}`, { host });
      expect({ status: answer.status, body: answer.json() }).toEqual({ status: 200, body });
    }
  });
});
