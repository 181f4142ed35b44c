import { describe, expect, it } from 'vitest'
import { knownProducts } from './known-products.ts'
import { findProduct, product, productAssets, unknownProduct } from './product.ts'
import { productId } from '../contract/primitives.ts'

describe('product', () => {
  it('knows every pair the Broker explains, each once and valid', () => {
    const bases =
      'BTC ETH SOL ADA AVAX MATIC DOT UNI AAVE COMP MKR SUSHI LRC IMX USDC DAI DOGE SHIB LTC BCH XLM ALGO APT ARB OP NEAR'.split(' ')
    expect(knownProducts.map((known) => known.id).sort()).toEqual(bases.map((base) => `${base}-USD`).sort())
    for (const known of knownProducts) {
      expect(product.parse(known)).toEqual(known)
      expect(known.id).toBe(`${known.base}-${known.quote}`)
    }
  })

  it('is found by its id, however the user wrote it', () => {
    expect(findProduct(productId.parse('btc/usd'))?.base).toBe('BTC')
    expect(findProduct('BTC/USD')).toBeUndefined()
  })

  it('has two assets', () => {
    expect(productAssets('BTC-USD')).toEqual({ base: 'BTC', quote: 'USD' })
    for (const id of ['BTC', 'BTC-', '-USD', 'A-B-C']) expect(() => productAssets(id)).toThrow(id)
  })

  it('refuses an unknown pair and names the known ones', () => {
    const refusal = unknownProduct('FOO-USD')
    expect(refusal.reason).toBe('UNKNOWN_PRODUCT')
    expect(refusal.detail).toMatch(/^unknown product FOO-USD; known: BTC-USD, ETH-USD, .*NEAR-USD$/)
  })
})
