import { connect } from 'node:net'
import type { Client } from '@temporalio/client'
import type { Config } from '../config.ts'
import { describeError, ExitError } from '../exit-code.ts'
import { externalTemporal } from '../stack/addresses.ts'
import { dataDirPaths } from '../stack/data-dir.ts'
import { readStackFile } from '../stack/stack-file.ts'
import { connectTemporal, type TemporalTarget } from '../temporal-connection.ts'

/** A client, or why there is none. */
export type MaybeTemporal = { readonly client: Client } | { readonly client: null; readonly problem: string }

/** Runs a command's work with Temporal where it can be reached, and without where not. */
export async function withTemporal<Result>(config: Config, work: (temporal: MaybeTemporal) => Promise<Result>): Promise<Result> {
  const target = temporalOf(config)
  if (target === undefined) return work({ client: null, problem: 'no Temporal server is known: no stack was ever started here' })
  // A closed port is known at once; Temporal's client would try it for seconds.
  if (!(await isListening(target.address))) return work({ client: null, problem: `nobody listens at ${target.address}` })
  const opened = await connectTemporal(target).catch((error: unknown) => {
    if (error instanceof ExitError) return describeError(error)
    throw error
  })
  if (typeof opened === 'string') return work({ client: null, problem: opened })
  const { Client } = await import('@temporalio/client')
  try {
    return await work({ client: new Client({ connection: opened, namespace: target.namespace }) })
  } finally {
    await opened.close()
  }
}

function temporalOf(config: Config): TemporalTarget | undefined {
  const stack = readStackFile(dataDirPaths(config.DATA_DIR))
  return externalTemporal(config) ?? (stack && { address: stack.temporal_address, namespace: stack.temporal_namespace, options: {} })
}

function isListening(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`)
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 3000 })
    const answer = (listens: boolean): void => {
      socket.destroy()
      resolve(listens)
    }
    socket.once('connect', () => answer(true))
    socket.once('timeout', () => answer(false))
    socket.once('error', () => answer(false))
  })
}
