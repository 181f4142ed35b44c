import { z } from 'zod'
import { positiveDecimalText } from '../contract/primitives.ts'
import type { Denied } from '../risk/denied-reason.ts'
import { knownProducts } from './known-products.ts'

export const productGroup = z.enum(['major', 'large_alt', 'defi', 'layer_2', 'stablecoin', 'meme', 'established', 'newer'])
export type ProductGroup = z.infer<typeof productGroup>

export const productRisk = z.enum(['low', 'medium', 'high', 'very_high'])
export type ProductRisk = z.infer<typeof productRisk>

/** A pair that may be traded. Quantities are multiples of base_increment, prices of quote_increment; min_notional in quote currency. */
export const product = z.strictObject({
  id: z.string(),
  base: z.string(),
  quote: z.string(),
  base_increment: positiveDecimalText,
  quote_increment: positiveDecimalText,
  min_notional: positiveDecimalText,
  group: productGroup,
  risk: productRisk,
})
export type Product = z.infer<typeof product>

const productById: ReadonlyMap<string, Product> = new Map(knownProducts.map((known) => [known.id, known]))

export function findProduct(id: string): Product | undefined {
  return productById.get(id)
}

/** The two assets of a product id: `BTC` and `USD` of `BTC-USD`. */
export function productAssets(id: string): { readonly base: string; readonly quote: string } {
  const [base, quote, ...rest] = id.split('-')
  if (!base || !quote || rest.length > 0) throw new Error(`a product id is BASE-QUOTE, was ${id}`)
  return { base, quote }
}

export function unknownProduct(id: string): Denied {
  const known = knownProducts.map((product) => product.id).join(', ')
  return { ok: false, reason: 'UNKNOWN_PRODUCT', detail: `unknown product ${id}; known: ${known}` }
}
