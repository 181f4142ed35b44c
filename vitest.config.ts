import { defineConfig } from 'vitest/config'

/** `quick`: pure tests beside the code, no server. `stack`: real Temporal, Postgres, processes. */
export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'quick', include: ['{core,workflows,server,ui}/src/**/*.test.ts', 'test/replay/**/*.test.ts'], testTimeout: 20_000 },
      },
      {
        test: {
          name: 'stack',
          include: ['test/**/*.test.ts'],
          exclude: ['test/replay/**'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          globalSetup: ['test/support/global-setup.ts'],
        },
      },
    ],
  },
})
