import { readFileSync, writeFileSync } from 'node:fs'
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { migrate } from '../../server/src/database/migrate.ts'
import { Component } from '../../server/src/stack/component.ts'
import { openDataDir, type DataDir } from '../../server/src/stack/data-dir.ts'
import { embeddedDatabaseUrl, makePostgresPassword, postgresPlan } from '../../server/src/stack/postgres.ts'
import { freePortBase } from '../support/free-ports.ts'
import { temporaryDataDir } from '../support/stack-process.ts'

async function startPostgres(dataDir: DataDir, port: number): Promise<Component> {
  makePostgresPassword(dataDir)
  const hooks = { onChange: () => {}, onNotice: () => {} }
  const component = new Component(postgresPlan({ dataDir, port }), { logPath: `${dataDir.logs}/postgres.log`, hooks })
  onTestFinished(() => component.stop())
  await component.start()
  return component
}

const superuserUrl = (dataDir: DataDir, { port, database = 'trader' }: { port: number; database?: string }): string =>
  `postgres://trader:${readFileSync(dataDir.postgresPassword, 'utf8').trim()}@127.0.0.1:${port}/${database}`

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  return client
    .query(sql)
    .then(({ rows }) => rows)
    .finally(() => client.end())
}

describe('the role of our processes', () => {
  it('owns the database, reads no file of the machine and cannot switch triggers off', async () => {
    const dataDir = openDataDir(temporaryDataDir())
    const port = await freePortBase()
    await startPostgres(dataDir, port)
    const url = embeddedDatabaseUrl({ dataDir, port }).reveal()
    await migrate({ connectionString: url })
    expect(await query(url, 'select current_user as role, rolsuper from pg_roles where rolname = current_user')).toEqual([
      { role: 'trader_app', rolsuper: false },
    ])
    writeFileSync(dataDir.sealKey, 'the sealing key', { mode: 0o600 })
    await expect(query(url, `select pg_read_file('${dataDir.sealKey}')`)).rejects.toThrow(/permission denied/)
    await expect(query(url, `create temp table t (line text); copy t from '${dataDir.sealKey}'`)).rejects.toThrow(/permission denied/)
    await expect(query(url, `create temp table t (line text); copy t from program 'cat ${dataDir.sealKey}'`)).rejects.toThrow(
      /permission denied/,
    )
    await expect(query(url, 'set session_replication_role = replica')).rejects.toThrow(/permission denied/)
    expect(url).not.toContain(readFileSync(dataDir.postgresPassword, 'utf8').trim())
  })

  it('is given a database that an older version made as superuser, with all that is in it', async () => {
    const dataDir = openDataDir(temporaryDataDir())
    const port = await freePortBase()
    const first = await startPostgres(dataDir, port)
    await query(superuserUrl(dataDir, { port, database: 'postgres' }), 'drop database trader')
    await query(superuserUrl(dataDir, { port, database: 'postgres' }), 'create database trader owner trader')
    await migrate({ connectionString: superuserUrl(dataDir, { port }) })
    await first.stop()
    await startPostgres(dataDir, port)
    const url = embeddedDatabaseUrl({ dataDir, port }).reveal()
    const foreign = `select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relowner <> current_user::regrole
      union all select proname::text from pg_proc where pronamespace = 'public'::regnamespace and proowner <> current_user::regrole
      union all select typname::text from pg_type where typnamespace = 'public'::regnamespace and typowner <> current_user::regrole`
    expect(await query(url, foreign)).toEqual([])
    expect(await migrate({ connectionString: url })).toEqual({ applied: [] })
    await query(url, 'alter table run add column note text; create table later (id int); drop table later')
  })
})
