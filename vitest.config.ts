import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts'],
    globalSetup: ['packages/server/test/database_cluster.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Databases and stations are real, and the machines that run this are small.
    maxWorkers: 2,
  },
});
