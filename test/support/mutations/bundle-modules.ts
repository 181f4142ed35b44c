import { type Node, parse } from 'acorn'
import { full } from 'acorn-walk'

/** The code of one source file inside a workflow bundle. Offsets are those of the bundle's text. */
export interface BundleModule {
  /** Path from the root of the repository. */
  readonly file: string
  readonly body: Node
}

/** Where the rules are that a decision is made by. */
const ofDecisions = /^\.\/(workflows\/src|core\/src\/agent|core\/src\/risk)\//

/** The modules of a bundle that hold our workflows, the agent's rules and the risk rules. */
export function decisionModules(code: string): readonly BundleModule[] {
  const modules: BundleModule[] = []
  full(parse(code, { ecmaVersion: 'latest', sourceType: 'script' }), (node) => {
    if (node.type !== 'ObjectExpression') return
    for (const property of node.properties) {
      if (property.type !== 'Property' || property.key.type !== 'Literal' || !/Function/.test(property.value.type)) continue
      const name = String(property.key.value)
      if (ofDecisions.test(name)) modules.push({ file: name.slice(2), body: property.value })
    }
  })
  return modules
}
