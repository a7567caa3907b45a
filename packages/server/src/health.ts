// Health checks: `live` says that the process runs, `ready` that it can serve, which it cannot without its database.

import type { FastifyInstance } from 'fastify';

export function healthEndpoints(app: FastifyInstance, deps: { isReachable: () => Promise<boolean> }): void {
  app.get('/health/live', async () => ({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    if (await deps.isReachable()) return { status: 'ready' };
    reply.code(503).header('retry-after', '5');
    return { status: 'not_ready', detail: 'The database cannot be reached.' };
  });
}
