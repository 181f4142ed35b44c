import type { Connection, ConnectionOptions } from '@temporalio/client'
import { describeError, ExitError } from './exit-code.ts'

/** A Temporal server and our namespace on it. TLS, API key and headers are in `options` where the server is not ours. */
export interface TemporalTarget {
  readonly address: string
  readonly namespace: string
  readonly options: TemporalSecurity
}

/** How to prove who we are to a server that asks. */
export interface TemporalSecurity {
  readonly tls?: NonNullable<ConnectionOptions['tls']>
  readonly apiKey?: string
  readonly metadata?: NonNullable<ConnectionOptions['metadata']>
}

/** Connects, or ends the command with the address and the cause. */
export async function connectTemporal(target: TemporalTarget): Promise<Connection> {
  const { Connection } = await import('@temporalio/client')
  try {
    return await Connection.connect({ address: target.address, connectTimeout: '5s', ...target.options })
  } catch (error) {
    throw new ExitError('dependencyDown', `cannot reach Temporal at ${target.address}: ${describeError(error)}`)
  }
}
