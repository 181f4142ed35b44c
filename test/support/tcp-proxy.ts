import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * What a network may do to the way. `cut`: open connections break and new ones are refused. `half-open`: whatever is sent is
 * swallowed and nobody is told; connections of that time stay dead for ever. `slow`: so many bytes a second each way.
 */
export type NetworkFault =
  | { readonly kind: 'cut' }
  | { readonly kind: 'half-open' }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }

/** One connection through the proxy. */
interface Link {
  readonly near: Socket
  readonly far: Socket
  /** Neither its bytes nor its end reach the other side any more. */
  isDead: boolean
}

/** A way to a server that can fail as networks do. */
export class TcpProxy {
  readonly #server: Server
  readonly #links = new Set<Link>()
  #fault: NetworkFault | null = null

  private constructor(targetPort: number) {
    this.#server = createServer((near) => {
      if (this.#fault?.kind === 'cut') near.destroy()
      else this.#join({ near, far: connect(targetPort, '127.0.0.1'), isDead: this.#fault?.kind === 'half-open' })
    })
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen')
    return address.port
  }

  fail(fault: NetworkFault): void {
    this.#fault = fault
    for (const link of this.#links) {
      if (fault.kind === 'half-open') link.isDead = true
      if (fault.kind === 'cut') end(link)
    }
  }

  cut(): void {
    this.fail({ kind: 'cut' })
  }

  mend(): void {
    this.#fault = null
  }

  async stop(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(link: Link): void {
    this.#links.add(link)
    const { near, far } = link
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => {}) // `close` follows
      from.on('close', () => {
        if (!link.isDead) to.destroy()
        if (near.destroyed && far.destroyed) this.#links.delete(link)
      })
      from.on('data', (bytes) => this.#pass(bytes, { link, from, to }))
    }
  }

  #pass(bytes: Buffer, { link, from, to }: { link: Link; from: Socket; to: Socket }): void {
    if (link.isDead || to.destroyed) return
    const delayMs = this.#fault?.kind === 'slow' ? (bytes.length / this.#fault.bytesPerSecond) * 1000 : 0
    const isFull = !to.write(bytes)
    if (delayMs === 0 && !isFull) return
    from.pause()
    if (isFull) to.once('drain', () => from.resume())
    else setTimeout(() => from.resume(), delayMs)
  }
}

function end({ near, far }: Link): void {
  near.destroy()
  far.destroy()
}
