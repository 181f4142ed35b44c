import { join } from 'node:path'
import { rmSync } from 'node:fs'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Component } from '../../server/src/stack/component.ts'
import { openDataDir } from '../../server/src/stack/data-dir.ts'
import { embeddedDatabaseUrl, postgresPlan } from '../../server/src/stack/postgres.ts'
import { postgresPlace } from '../../server/src/stack/postgres-binaries.ts'
import { freePortBase } from '../support/free-ports.ts'
import { temporaryDataDir } from '../support/stack-process.ts'

describe.skipIf(process.getuid?.() !== 0)('Postgres as root where user namespaces are not allowed', () => {
  it('runs as the postgres user from a directory of that user, and says so', async () => {
    const dataDir = openDataDir(temporaryDataDir())
    const port = await freePortBase()
    const findPlace: typeof postgresPlace = (directory) => postgresPlace(directory, { hasUserNamespaces: () => Promise.resolve(false) })
    const place = await findPlace(dataDir)
    onTestFinished(() => rmSync(join(place.data, '..'), { recursive: true, force: true }))
    const component = new Component(postgresPlan({ dataDir, port, findPlace }), {
      logPath: join(dataDir.logs, 'postgres.log'),
      hooks: { onChange: () => {}, onNotice: () => {} },
    })
    const { detail } = await component.start()
    try {
      expect(detail).toContain('runs as user postgres')
      const client = new pg.Client({ connectionString: embeddedDatabaseUrl({ dataDir, port }).reveal() })
      await client.connect()
      expect((await client.query('SHOW data_checksums')).rows).toEqual([{ data_checksums: 'on' }])
      await client.end()
    } finally {
      await component.stop()
    }
    expect(component.status().state).toBe('stopped')
  })
})
