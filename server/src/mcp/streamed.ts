import { findProduct, unknownProduct } from '@trader/core/market/product'
import { Refusal, type ToolContext } from './tool.ts'

/** Null where all of these products are of the run that trades; else why there is nothing to see of one. */
export async function refuseUnstreamed(context: ToolContext, products: readonly string[]): Promise<Refusal | null> {
  const unknown = products.find((product) => findProduct(product) === undefined)
  if (unknown !== undefined) return new Refusal('UNKNOWN_PRODUCT', unknownProduct(unknown).detail)
  const run = await context.run()
  const missing = products.find((product) => !run.products.includes(product))
  if (missing === undefined) return null
  return new Refusal(
    'NOT_STREAMED',
    `${missing} is not streamed; run ${run.run_id} streams ${run.products.join(', ')}, and start_market_stream begins another`,
  )
}
