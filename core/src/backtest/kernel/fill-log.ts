import type { Liquidity } from '../../contract/fill.ts'
import type { OrderSide, OrderType } from '../../contract/order.ts'
import type { RunFill } from '../run.ts'
import type { Execution } from './execution.ts'
import type { KernelOrderType } from './working-order.ts'

/** Places of a fill's numbers in its row. */
const place = { marketTime: 0, quantity: 1, price: 2, notional: 3, fee: 4, realizedPnl: 5, positionAfter: 6, cashAfter: 7 } as const
type NumberName = keyof typeof place
/** Numbers of a fill in the one, whole numbers of it in the other array. */
const width = 8
const wholeWidth = 4

/** What the log keeps of the order that filled. */
export interface FilledOrder {
  readonly number: number
  readonly side: OrderSide
  readonly type: KernelOrderType
  readonly reason: string
  readonly fillCount: number
  readonly liquidity: Liquidity | null
}

/** The part of an order that many share, kept once. */
type Kind = Pick<RunFill, 'side' | 'type' | 'liquidity' | 'reason'> & { readonly kernelType: KernelOrderType }

/** The fills of a run, row by row in two growing arrays: hundreds of thousands of them cost no object each. */
export class FillLog implements Iterable<RunFill> {
  readonly #products: readonly string[]
  readonly #kinds: Kind[] = []
  #length = 0
  #numbers: Float64Array
  #wholes: Uint32Array

  constructor(products: readonly string[], expectedFills = 1024) {
    this.#products = products
    this.#numbers = new Float64Array(Math.max(1, expectedFills) * width)
    this.#wholes = new Uint32Array(Math.max(1, expectedFills) * wholeWidth)
  }

  get length(): number {
    return this.#length
  }

  add(order: FilledOrder, fill: Readonly<Execution>): void {
    const row = this.#length
    if ((row + 1) * width > this.#numbers.length) this.#grow()
    const numbers = this.#numbers
    const at = row * width
    numbers[at] = fill.marketTime
    numbers[at + 1] = fill.quantity
    numbers[at + 2] = fill.price
    numbers[at + 3] = fill.notional
    numbers[at + 4] = fill.fee
    numbers[at + 5] = fill.realizedPnl
    numbers[at + 6] = fill.positionAfter
    numbers[at + 7] = fill.cashAfter
    const wholes = this.#wholes
    const wholeAt = row * wholeWidth
    wholes[wholeAt] = fill.product
    wholes[wholeAt + 1] = order.number
    wholes[wholeAt + 2] = order.fillCount
    wholes[wholeAt + 3] = this.#kind(order)
    this.#length = row + 1
  }

  at(row: number): RunFill {
    if (!(row >= 0 && row < this.#length)) throw new RangeError(`there are ${this.#length} fills; asked for number ${row}`)
    const number = (name: NumberName): number => this.number(row, name)
    const wholeAt = row * wholeWidth
    const { side, type, liquidity, reason } = this.#kinds[this.#wholes[wholeAt + 3]!]!
    return {
      marketTime: number('marketTime'),
      order: this.#wholes[wholeAt + 1]!,
      trade: this.#wholes[wholeAt + 2]!,
      product: this.#products[this.#wholes[wholeAt]!]!,
      side,
      type,
      quantity: number('quantity'),
      price: number('price'),
      notional: number('notional'),
      fee: number('fee'),
      liquidity,
      realizedPnl: number('realizedPnl'),
      positionAfter: number('positionAfter'),
      cashAfter: number('cashAfter'),
      reason,
    }
  }

  /** One number of one fill, for sums over many. */
  number(row: number, name: NumberName): number {
    return this.#numbers[row * width + place[name]]!
  }

  /** Place of a fill's product among the run's. */
  productIndex(row: number): number {
    return this.#wholes[row * wholeWidth]!
  }

  orderAt(row: number): number {
    return this.#wholes[row * wholeWidth + 1]!
  }

  sideAt(row: number): OrderSide {
    return this.#kinds[this.#wholes[row * wholeWidth + 3]!]!.side
  }

  reasonAt(row: number): string {
    return this.#kinds[this.#wholes[row * wholeWidth + 3]!]!.reason
  }

  *[Symbol.iterator](): Generator<RunFill> {
    for (let row = 0; row < this.#length; row += 1) yield this.at(row)
  }

  #kind({ side, type, reason, liquidity }: FilledOrder): number {
    const kinds = this.#kinds
    // A run has a handful of kinds, unless a strategy writes a new reason each time: then only the newest are compared.
    for (let index = kinds.length - 1; index >= 0 && index >= kinds.length - 16; index -= 1) {
      const kind = kinds[index]!
      if (kind.side === side && kind.kernelType === type && kind.reason === reason && kind.liquidity === liquidity) return index
    }
    return kinds.push({ side, type: contractType(type), kernelType: type, reason, liquidity: liquidity ?? 'taker' }) - 1
  }

  #grow(): void {
    const [numbers, wholes] = [this.#numbers, this.#wholes]
    this.#numbers = new Float64Array(numbers.length * 2)
    this.#numbers.set(numbers)
    this.#wholes = new Uint32Array(wholes.length * 2)
    this.#wholes.set(wholes)
  }
}

/** A trailing stop is a stop whose price moved. */
function contractType(type: KernelOrderType): OrderType {
  return type === 'trailing_stop' ? 'stop' : type
}
