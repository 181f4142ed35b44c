import { accessSync, constants, existsSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { stackStatus, type StackStatus } from '@trader/core/contract/component-status'
import type { Config } from '../config.ts'
import { describeError, ExitError } from '../exit-code.ts'
import { connectTemporal } from '../temporal-connection.ts'
import { externalTemporal, findAddresses } from './addresses.ts'
import { hasCurrentBundle } from './bundle.ts'
import { askSupervisor } from './control-socket.ts'
import { dataDirPaths, type DataDir } from './data-dir.ts'
import { fine, pending, trouble, type Finding } from './health-check.ts'
import { pingWorker } from './ping-worker.ts'
import { portOwner, stackPorts, takenPorts } from './ports.ts'
import { isInitialised, postgresPlace } from './postgres-binaries.ts'
import { livingNames } from './leftovers.ts'
import { readStackFile } from './stack-file.ts'
import { wantedPorts } from './stack-settings.ts'
import { serverVersion } from './temporal.ts'
import { findTemporalBinary } from './temporal-binary.ts'

const gigabyte = 1024 ** 3
const leastFreeBytes = 2 * gigabyte
const oldestServer = [1, 29, 1] as const

/** Looks at everything a stack needs, and at the stack itself where it runs. Changes nothing. */
export async function examine(config: Config): Promise<Finding[]> {
  const dataDir = dataDirPaths(config.DATA_DIR)
  const running = await runningStatus(dataDir)
  const needs = [
    await checked('Node', () => Promise.resolve(fine('Node', process.version))),
    await checked('data directory', () => Promise.resolve(checkDataDir(dataDir))),
    await checked('disk', () => Promise.resolve(checkDisk(dataDir))),
    await checked('Temporal', () => checkTemporal(config)),
    await checked('workflow bundle', () => Promise.resolve(checkBundle())),
    await checked('Postgres', () => checkPostgres(config, dataDir)),
    await checked('model', () => Promise.resolve(checkModel(config))),
  ]
  if (running === undefined) return [...needs, await checked('ports', () => checkPorts(config, dataDir)), checkStack(dataDir)]
  return [
    ...needs,
    ...running.components.map(checkComponent),
    await checked('Postgres answers', () => checkDatabase(config)),
    ...(running.components.some(({ name }) => name === 'sealer') ? [await checked('sealing', () => checkSealing(config, dataDir))] : []),
    ...(running.components.some(({ name }) => name === 'worker') ? [await checked('worker answers', () => checkWorker(config))] : []),
  ]
}

async function checked(name: string, check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check()
  } catch (error) {
    return trouble(name, describeError(error))
  }
}

async function runningStatus(dataDir: DataDir): Promise<StackStatus | undefined> {
  try {
    return stackStatus.parse(await askSupervisor(dataDir, { command: 'status' }))
  } catch (error) {
    if (error instanceof ExitError && error.exitCode === 4) return undefined
    throw error
  }
}

function checkDataDir({ root }: DataDir): Finding {
  const place = nearestExisting(root)
  try {
    accessSync(place, constants.W_OK)
  } catch {
    // The one thing asked: may we write there.
    return trouble('data directory', `${place} cannot be written to`, { fix: `chown $(id -u) ${place}   # or another --data-dir` })
  }
  return place === root ? fine('data directory', root) : pending('data directory', `${root} is not there yet`)
}

const nearestExisting = (path: string): string => (existsSync(path) ? path : nearestExisting(dirname(path)))

function checkDisk({ root }: DataDir): Finding {
  const { bavail, bsize } = statfsSync(nearestExisting(root))
  const free = bavail * bsize
  const detail = `${(free / gigabyte).toFixed(1)} GB free`
  return free >= leastFreeBytes
    ? fine('disk', detail)
    : trouble('disk', `${detail}, and less than 2 GB is little`, { state: 'warning', fix: `du -sh ${root}/*` })
}

async function checkTemporal(config: Config): Promise<Finding> {
  const external = externalTemporal(config)
  if (external === undefined) {
    const binary = findTemporalBinary(config)
    return binary === undefined
      ? pending('Temporal', 'the server is not on this machine yet: it is downloaded (60 MB), or built with Go (8 minutes)')
      : fine('Temporal', `${binary.path} (${binary.source})`)
  }
  const connection = await connectTemporal(external)
  try {
    const version = await serverVersion(connection)
    return isNewEnough(version)
      ? fine('Temporal', `${version} at ${external.address}`)
      : trouble('Temporal', `${external.address} runs ${version}; ${oldestServer.join('.')} or newer is needed`)
  } finally {
    await connection.close()
  }
}

/** Compares part by part; a version that is no number is trusted, as cloud servers have names of their own. */
function isNewEnough(version: string): boolean {
  const parts = version.split('.').map(Number)
  if (parts.some(Number.isNaN)) return true
  const difference = oldestServer.map((least, index) => (parts[index] ?? 0) - least).find((one) => one !== 0) ?? 0
  return difference >= 0
}

function checkBundle(): Finding {
  return hasCurrentBundle()
    ? fine('workflow bundle', 'made for the current sources')
    : pending('workflow bundle', 'not made yet for the current sources; the next start takes some seconds longer')
}

async function checkPostgres(config: Config, dataDir: DataDir): Promise<Finding> {
  if (config.DATABASE_URL !== undefined) {
    const { databasePlace, databaseVersion } = await import('./claim-database.ts')
    return fine('Postgres', `${await databaseVersion(config.DATABASE_URL)} at ${databasePlace(config.DATABASE_URL)}`)
  }
  const place = await postgresPlace(dataDir)
  const programs = place.remark ?? place.bin
  return (await isInitialised(place.data))
    ? fine('Postgres', `${programs}; data in ${place.data}`)
    : pending('Postgres', `${programs}; no data in ${place.data} yet`)
}

function checkModel({ OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl, OPENAI_MODEL: model }: Config): Finding {
  if (key === undefined) return fine('model', 'offline; set OPENAI_API_KEY for a real one')
  if (baseUrl === undefined && !key.reveal().startsWith('sk-')) {
    return trouble('model', 'OPENAI_API_KEY does not look like one of OpenAI: it does not begin with sk-', {
      state: 'warning',
      fix: 'edit OPENAI_API_KEY in .env',
    })
  }
  return fine('model', `${model}${baseUrl === undefined ? '' : ` at ${baseUrl}`}`)
}

async function checkPorts(config: Config, dataDir: DataDir): Promise<Finding> {
  const taken = await takenPorts(wantedPorts({ config, ports: stackPorts(config) }, ['temporal', 'postgres', 'mcp']))
  if (taken.length === 0) return fine('ports', 'free')
  const list = taken.map(({ name, port }) => `${port} for ${name} by ${portOwner(port) ?? 'a process that this user may not see'}`)
  const leftOver = livingNames(readStackFile(dataDir)?.children ?? [])
  if (leftOver.length > 0) return trouble('ports', `taken: ${list.join('; ')}`, { state: 'warning', fix: 'trader start' })
  return trouble('ports', `taken: ${list.join('; ')}`, { fix: 'trader start --port-base 17000' })
}

function checkStack(dataDir: DataDir): Finding {
  const leftOver = livingNames(readStackFile(dataDir)?.children ?? [])
  if (leftOver.length === 0) return fine('stack', 'not running; `trader start` starts it')
  return trouble('stack', `its supervisor is gone and left ${leftOver.join(', ')} running; the next start ends and replaces them`, {
    state: 'warning',
    fix: 'trader start',
  })
}

function checkComponent({ name, state, restarts, last_error }: StackStatus['components'][number]): Finding {
  if (state === 'running' || state === 'external') return fine(name, restarts === 0 ? state : `${state}, restarted ${restarts} times`)
  return trouble(name, `${state}${last_error === null ? '' : `: ${last_error}`}`, {
    state: state === 'failed' ? 'problem' : 'warning',
    fix: `trader logs ${name}`,
  })
}

async function checkDatabase(config: Config): Promise<Finding> {
  const { databaseVersion } = await import('./claim-database.ts')
  const began = performance.now()
  await databaseVersion(findAddresses(config).databaseUrl)
  return fine('Postgres answers', `in ${Math.round(performance.now() - began)} ms`)
}

async function checkWorker(config: Config): Promise<Finding> {
  const milliseconds = await pingWorker(findAddresses(config))
  return fine('worker answers', `in ${Math.round(milliseconds)} ms`)
}

async function checkSealing(config: Config, { sealLog }: DataDir): Promise<Finding> {
  const [{ createPool }, { readSealingState }] = await Promise.all([import('../database/pool.ts'), import('../audit/sealing-state.ts')])
  const pool = createPool({ connectionString: findAddresses(config).databaseUrl.reveal(), max: 1 })
  try {
    const { seals, unsealed, problem } = await readSealingState(pool, { sealLog })
    if (problem !== null) return trouble('sealing', problem, { fix: 'trader audit verify' })
    return fine('sealing', `${seals} seals, ${unsealed === 0 ? 'nothing waits' : `${unsealed} records wait for the next`}`)
  } finally {
    await pool.end()
  }
}
