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
import { fine, trouble, type Finding } from './health-check.ts'
import { pingWorker } from './ping-worker.ts'
import { portOwner, takenPorts } from './ports.ts'
import { postgresPlace } from './postgres-binaries.ts'
import { stackId } from './stack-id.ts'
import { stackSettings, wantedPorts } from './stack-settings.ts'
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
  if (running === undefined)
    return [...needs, await checked('ports', () => checkPorts(config, dataDir)), fine('stack', 'not running; `trader start` starts it')]
  return [
    ...needs,
    ...running.components.map(checkComponent),
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
  return fine('data directory', place === root ? root : `${root}, made at the first start`)
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
      ? trouble('Temporal', 'the server is not on this machine yet', { fix: 'trader doctor --fix' })
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
    : trouble('workflow bundle', 'not made yet; the next start takes some seconds longer', { state: 'warning', fix: 'trader doctor --fix' })
}

async function checkPostgres(config: Config, dataDir: DataDir): Promise<Finding> {
  if (config.DATABASE_URL !== undefined) {
    const { databasePlace, databaseVersion } = await import('./claim-database.ts')
    return fine('Postgres', `${await databaseVersion(config.DATABASE_URL)} at ${databasePlace(config.DATABASE_URL)}`)
  }
  const place = await postgresPlace(dataDir)
  return fine('Postgres', place.remark ?? place.bin)
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
  const settings = stackSettings({ config, dataDir, stackId: existsSync(dataDir.stackIdFile) ? stackId(dataDir) : '', portBase: undefined })
  const taken = await takenPorts(wantedPorts(settings, ['temporal', 'postgres', 'mcp', 'api']))
  if (taken.length === 0) return fine('ports', 'free')
  const list = taken.map(({ name, port }) => `${port} for ${name} by ${portOwner(port) ?? 'a process that this user may not see'}`)
  return trouble('ports', `taken: ${list.join('; ')}`, { fix: 'trader start --port-base 17000' })
}

function checkComponent({ name, state, restarts, last_error }: StackStatus['components'][number]): Finding {
  if (state === 'running' || state === 'external') return fine(name, restarts === 0 ? state : `${state}, restarted ${restarts} times`)
  return trouble(name, `${state}${last_error === null ? '' : `: ${last_error}`}`, {
    state: state === 'failed' ? 'problem' : 'warning',
    fix: `trader logs ${name}`,
  })
}

async function checkWorker(config: Config): Promise<Finding> {
  const milliseconds = await pingWorker(findAddresses(config))
  return fine('worker answers', `in ${Math.round(milliseconds)} ms`)
}
