import './index.ts'

// Evaluated once, when a worker starts, and shared by all workflows; else each workflow would evaluate every module again, which takes
// ten times as long as a decision. What is shared must not change: it is frozen, but for schemas, which remember what they computed.

/** Webpack's own: the modules of this bundle, and those that are loaded. */
// oxlint-disable-next-line no-underscore-dangle -- its name
declare const __webpack_modules__: Readonly<Record<string, unknown>>
declare const require: { readonly cache: Readonly<Record<string, { readonly exports: object } | undefined>> }

/** The sandbox freezes what is shared, all of it, unless its outermost object is frozen already: then it leaves it as it is. */
function freezeModules(): void {
  const seen = new Set<object>()
  for (const id of Object.keys(__webpack_modules__)) {
    const exports = require.cache[id]?.exports
    if (exports === undefined) continue
    for (const value of Object.values(exports)) freeze(value, seen)
    Object.freeze(exports)
  }
}

function freeze(value: unknown, seen: Set<object>): void {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return
  seen.add(value)
  if ('_zod' in value || ArrayBuffer.isView(value)) return
  // Not what hangs on a function: a class that is frozen through its prototype cannot make instances.
  if (typeof value === 'object') for (const inner of Object.values(value)) freeze(inner, seen)
  Object.freeze(value)
}

freezeModules()
