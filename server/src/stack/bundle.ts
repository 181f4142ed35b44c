import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BundleOptions } from '@temporalio/worker'

/** All workflow code as one file of JavaScript, and the hash of the sources that it was made from. */
export interface WorkflowBundle {
  readonly hash: string
  readonly path: string
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
const bundles = join(root, '.cache', 'workflow-bundles')

/** The bundle of the current sources: the kept one, or made now (3 to 10 s; the only time that webpack is loaded). */
export async function ensureWorkflowBundle(say: (text: string) => void): Promise<WorkflowBundle> {
  const bundle = currentBundle()
  if (existsSync(bundle.path)) return bundle
  say('bundling the workflows, once for this version of them')
  const code = await buildBundle()
  mkdirSync(bundles, { recursive: true })
  const draft = `${bundle.path}.${process.pid}.tmp`
  writeFileSync(draft, code)
  renameSync(draft, bundle.path)
  return bundle
}

/** Where the bundle of the current sources is, or will be. */
export function currentBundle(): WorkflowBundle {
  const hash = sourceHash()
  return { hash, path: join(bundles, `${hash}.js`) }
}

/** True when the bundle of the current sources is made already. */
export const hasCurrentBundle = (): boolean => existsSync(currentBundle().path)

/** SHA-256 over names and contents of everything that makes a bundle: our two workspaces, by the lockfile all others, and this file. */
function sourceHash(): string {
  const names = globSync(['core/src/**/*.ts', 'workflows/src/**/*.ts', 'package-lock.json', 'server/src/stack/bundle.ts'], { cwd: root })
    .filter((name) => !name.endsWith('.test.ts') && statSync(join(root, name)).isFile())
    .sort()
  const hash = createHash('sha256')
  for (const name of names)
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, name)))
      .update('\0')
  return hash.digest('hex')
}

/**
 * Webpack needs no help with our imports: it takes `./x.ts` as written, resolves `@trader/core/...` by core's `exports` map, and
 * follows npm's workspace links to the real folders, so the SDK's TypeScript loader (which skips node_modules) sees the sources.
 */
async function buildBundle(): Promise<string> {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker')
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows', 'src', 'index.ts'),
    preloadModules: [join(root, 'workflows', 'src', 'preload.ts')],
    webpackConfigHook: asWritten,
    logger: new DefaultLogger('WARN', ({ message }) => process.stderr.write(`${message}\n`)),
  })
  return code
}

type WebpackConfig = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0]

/** Code as we wrote it: the SDK would translate it to the JavaScript of 2017, twice as long and slower, for Nodes that are long gone. */
function asWritten(config: WebpackConfig): WebpackConfig {
  for (const rule of config.module?.rules ?? []) {
    const use = typeof rule === 'object' && rule !== null ? rule.use : undefined
    if (typeof use !== 'object' || use === null || Array.isArray(use) || typeof use.options !== 'object') continue
    const { jsc } = use.options as { jsc?: { target: string } } // the options of swc, which compiles our TypeScript
    if (jsc !== undefined) jsc.target = 'es2024'
  }
  return config
}
