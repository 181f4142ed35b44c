import type { CandleView } from '../candle-view.ts'
import type { StrategyView } from '../strategy.ts'
import type { Account } from './account.ts'
import type { Book } from './book.ts'

/** The view of a run that a strategy gets: the books and the account, to read only. */
export class KernelView implements StrategyView {
  readonly products: readonly string[]
  readonly #books: readonly Book[]
  readonly #byProduct: ReadonlyMap<string, Book>
  readonly #account: Account
  /** Market time and equity, written by the engine. An array, because a double in a field would be boxed at every instant. */
  readonly #instant: Float64Array

  constructor({ books, account, instant }: { books: readonly Book[]; account: Account; instant: Float64Array }) {
    this.products = books.map((book) => book.id)
    this.#books = books
    this.#byProduct = new Map(books.map((book) => [book.id, book]))
    this.#account = account
    this.#instant = instant
  }

  get now(): number {
    return this.#instant[0]!
  }
  get cash(): number {
    return this.#account.cash
  }
  get freeCash(): number {
    return this.#account.freeCash
  }
  get equity(): number {
    return this.#instant[1]!
  }

  candles(product: string): CandleView {
    return this.#book(product).view
  }
  hasNewCandle(product: string): boolean {
    return this.#book(product).hasNewCandle
  }
  position(product: string): number {
    return this.#book(product).quantity
  }
  available(product: string): number {
    return Math.max(0, this.#account.sum(this.#book(product).available))
  }
  entryPrice(product: string): number {
    const { quantity, costBasis } = this.#book(product)
    return quantity > 0 ? costBasis / quantity : 0
  }
  openOrders(product: string): number {
    let count = 0
    for (const order of this.#book(product).orders) if (!order.isArmed) count += 1
    return count
  }

  #book(product: string): Book {
    const first = this.#books[0]!
    const book = first.id === product ? first : this.#byProduct.get(product)
    if (book === undefined) throw new RangeError(`${product} is not traded here: ${this.products.join(', ')}`)
    return book
  }
}
