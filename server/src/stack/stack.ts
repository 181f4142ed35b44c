import type { ComponentStatus, StackStatus } from '@trader/core/contract/component-status'
import { migrate } from '../database/migrate.ts'
import { describeError, ExitError } from '../exit-code.ts'
import { connectTemporal } from '../temporal-connection.ts'
import { ensureWorkflowBundle } from './bundle.ts'
import { claimDatabase, databasePlace } from './claim-database.ts'
import { Component } from './component.ts'
import type { ComponentPlan } from './component-plan.ts'
import type { ControlRequest } from './control-socket.ts'
import { logPath, readLogTail, rotateLog } from './log-file.ts'
import { timedStep, type Progress } from './progress.ts'
import type { StartedRun } from './run-hook.ts'
import { writeStackFile } from './stack-file.ts'
import { serverPlans, servicePlans } from './stack-plans.ts'
import type { StackSettings } from './stack-settings.ts'
import { serverVersion } from './temporal.ts'
import { ensureTemporalBinary } from './temporal-binary.ts'
import { claimNamespace } from './temporal-namespace.ts'

const rotateEveryMs = 60_000

/** The components of one data directory, and the order in which they start and stop. */
export class Stack {
  readonly #settings: StackSettings
  readonly #progress: Progress
  readonly #startedAt = Date.now()
  readonly #servers: Component[]
  readonly #services: Component[]
  readonly #externals: ComponentStatus[] = []
  readonly #rotation: NodeJS.Timeout
  #isStopping = false
  /** The market and the agents, once they run. */
  run: StartedRun | undefined

  /** `parts`: everything, or the database alone. */
  constructor(settings: StackSettings, { progress, parts }: { progress: Progress; parts: 'all' | 'database' }) {
    this.#settings = settings
    this.#progress = progress
    const binary = async (signal: AbortSignal): Promise<string> =>
      (await ensureTemporalBinary({ config: settings.config, say: progress.note, signal })).path
    const servers = serverPlans(settings, binary)
    this.#servers = (parts === 'all' ? servers : servers.filter((plan) => plan.name === 'postgres')).map((plan) => this.#component(plan))
    this.#services = parts === 'all' ? servicePlans(settings).map((plan) => this.#component(plan)) : []
    this.#rotation = setInterval(() => this.#all().forEach(({ plan }) => rotateLog(logPath(settings.dataDir, plan.name))), rotateEveryMs)
    this.#rotation.unref()
  }

  /** Names of what this stack starts itself. */
  names(): string[] {
    return this.#all().map(({ plan }) => plan.name)
  }

  /** Brings everything up in order; each step is reported with its time. */
  async start(): Promise<void> {
    const isWhole = this.#services.length > 0
    // The user's own servers first: where one cannot be reached, nothing is started.
    await this.#useExternalDatabase()
    if (isWhole) await this.#useExternalTemporal()
    // The bundle is made, where it has to be, while the servers start.
    const bundle = isWhole ? ensureWorkflowBundle(this.#progress.note) : undefined
    await Promise.all([bundle, ...this.#servers.map((server) => this.#startOne(server))])
    await timedStep(this.#progress, 'migrations', () => this.#prepareDatabase())
    for (const service of this.#services) await this.#startOne(service)
  }

  /** Stops everything in order: agents and market, our processes from the last to the first, then the servers. */
  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#rotation)
    const { run } = this
    if (run !== undefined) await this.#stopStep('agents', () => run.stop())
    for (const service of this.#services.toReversed()) await this.#stopStep(service.plan.title, () => service.stop())
    await Promise.all(this.#servers.map((server) => this.#stopStep(server.plan.title, () => server.stop())))
  }

  /** Ends every process at once. */
  kill(): void {
    this.#all().forEach((component) => component.kill())
  }

  status(): StackStatus {
    const { config, dataDir, stackId } = this.#settings
    return {
      mode: config.TRADING_MODE,
      stack_id: stackId,
      data_dir: dataDir.root,
      started_at: this.#startedAt,
      components: [...this.#externals, ...this.#all().map((component) => component.status())],
      ...(this.run?.describe() ?? { market: null, agents: [] }),
    }
  }

  /** Answers a request of the control socket; `stop` is the supervisor's to answer. */
  async answer(request: Exclude<ControlRequest, { command: 'stop' }>): Promise<unknown> {
    if (request.command === 'status') return this.status()
    if (request.command === 'component') return this.#control(request)
    return readLogTail({ path: logPath(this.#settings.dataDir, this.#find(request.component).plan.name), lines: request.lines })
  }

  async #control({ name, action }: { name: string; action: 'start' | 'stop' | 'restart' }): Promise<ComponentStatus> {
    const component = this.#find(name)
    if (action !== 'start') await component.stop()
    if (action !== 'stop') await component.start()
    return component.status()
  }

  #all(): Component[] {
    return [...this.#servers, ...this.#services]
  }

  #find(name: string): Component {
    const found = this.#all().find(({ plan }) => plan.name === name)
    if (found === undefined)
      throw new ExitError('usage', `there is no component ${JSON.stringify(name)} to control here; there are ${this.names().join(', ')}`)
    return found
  }

  #component(plan: ComponentPlan): Component {
    const hooks = { onChange: () => this.#save(), onNotice: (text: string) => this.#progress.warning(text) }
    return new Component(plan, { logPath: logPath(this.#settings.dataDir, plan.name), hooks })
  }

  async #startOne(component: Component): Promise<void> {
    if (this.#isStopping) throw new Error('the stack is stopping')
    const { title } = component.plan
    const began = performance.now()
    const { version, detail } = await component.start()
    this.#progress.step(version === null ? title : `${title} ${version}`, detail, (performance.now() - began) / 1000)
  }

  async #stopStep(title: string, stop: () => Promise<void>): Promise<void> {
    try {
      await timedStep(this.#progress, title, async () => {
        await stop()
        return 'stopped'
      })
    } catch (error) {
      // The others must be stopped all the same.
      this.#progress.warning(`${title} did not stop in order: ${describeError(error)}`)
    }
  }

  async #prepareDatabase(): Promise<string> {
    const { databaseUrl, stackId, hasExternalDatabase } = this.#settings
    if (!hasExternalDatabase) await claimDatabase({ databaseUrl, stackId })
    const { applied } = await migrate({ connectionString: databaseUrl.reveal() })
    return applied.length === 0 ? 'up to date' : `${applied.length} applied`
  }

  async #useExternalDatabase(): Promise<void> {
    const { databaseUrl, stackId, hasExternalDatabase } = this.#settings
    if (!hasExternalDatabase) return
    await timedStep(this.#progress, 'Postgres', async () => {
      const version = await claimDatabase({ databaseUrl, stackId })
      this.#externals.push(externalStatus('postgres', version))
      return `${version}, yours at ${databasePlace(databaseUrl)}`
    })
  }

  async #useExternalTemporal(): Promise<void> {
    const { temporal, stackId, hasExternalTemporal } = this.#settings
    if (!hasExternalTemporal) return
    await timedStep(this.#progress, 'Temporal', async () => {
      const connection = await connectTemporal(temporal)
      try {
        await claimNamespace({ connection, namespace: temporal.namespace, stackId, isOurs: false, signal: AbortSignal.timeout(5000) })
        const version = await serverVersion(connection)
        this.#externals.push(externalStatus('temporal', version))
        return `${version}, yours at ${temporal.address}, namespace ${temporal.namespace}`
      } finally {
        await connection.close()
      }
    })
  }

  /** Writes down what should run and what does, so that the next supervisor finds what this one leaves. */
  #save(): void {
    const { dataDir, stackId, temporal, taskQueue, ports } = this.#settings
    writeStackFile(dataDir, {
      supervisor_pid: process.pid,
      stack_id: stackId,
      started_at: this.#startedAt,
      temporal_address: temporal.address,
      temporal_namespace: temporal.namespace,
      task_queue: taskQueue,
      ports: { ...ports },
      children: this.#all().map((component) => component.record()),
    })
  }
}

function externalStatus(name: string, version: string): ComponentStatus {
  return { name, state: 'external', pid: null, port: null, uptime_s: null, restarts: 0, version, memory_bytes: null, last_error: null }
}
