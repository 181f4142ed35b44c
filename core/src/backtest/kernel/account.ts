import type { Book } from './book.ts'
import { type Execution, newExecution } from './execution.ts'
import type { FillLog } from './fill-log.ts'
import { ceil8, floor8, round8 } from './rounding.ts'
import type { WorkingOrder } from './working-order.ts'

/**
 * The account of a run: cash, and positions at average cost as in `core/portfolio/position`, long only. With `isRounded` every amount
 * is rounded as the ledger's; reference fills keep the double.
 */
export class Account {
  readonly isRounded: boolean
  readonly fills: FillLog
  readonly execution: Execution = newExecution()
  cash: number
  /** Cash that open buys hold. */
  held = 0
  fees = 0

  constructor(options: { cash: number; isRounded: boolean; fills: FillLog }) {
    this.cash = options.cash
    this.isRounded = options.isRounded
    this.fills = options.fills
  }

  get freeCash(): number {
    return this.cash - this.held
  }

  /** What a quantity costs or brings, rounded against us. */
  notionalOf(order: WorkingOrder, quantity: number, price: number): number {
    const notional = quantity * price
    if (!this.isRounded) return notional
    return order.side === 'BUY' ? ceil8(notional) : floor8(notional)
  }

  feeOf(notional: number, rate: number): number {
    return this.isRounded ? ceil8(notional * rate) : notional * rate
  }

  sum(amount: number): number {
    return this.isRounded ? round8(amount) : amount
  }

  /** Books a fill: cash, position, hold and the log. The execution's quantity, price, notional, fee and time are set. */
  apply(book: Book, order: WorkingOrder, fill: Execution): void {
    order.filled = this.sum(order.filled + fill.quantity)
    order.fillCount += 1
    order.lastFill = fill.quantity
    order.hasOpened = book.quantity === 0
    this.fees = this.sum(this.fees + fill.fee)
    fill.product = book.index
    fill.realizedPnl = order.side === 'BUY' ? this.#buy(book, order, fill) : this.#sell(book, order, fill)
    order.hasClosed = book.quantity === 0
    fill.positionAfter = book.quantity
    fill.cashAfter = this.cash
    this.fills.add(order, fill)
  }

  #buy(book: Book, order: WorkingOrder, { quantity, notional, fee, marketTime }: Execution): number {
    if (order.hasOpened) book.enteredAt = marketTime
    this.cash = this.sum(this.cash - notional - fee)
    if (order.held > 0) this.#release(order, notional + fee)
    book.quantity = this.sum(book.quantity + quantity)
    book.costBasis = this.sum(book.costBasis + notional)
    book.entryFees = this.sum(book.entryFees + fee)
    return 0
  }

  #sell(book: Book, order: WorkingOrder, { quantity, notional, fee }: Execution): number {
    const isAll = quantity >= book.quantity
    const basis = isAll ? book.costBasis : this.sum((book.costBasis * quantity) / book.quantity)
    const entryFees = isAll ? book.entryFees : this.sum((book.entryFees * quantity) / book.quantity)
    const realized = this.sum(notional - fee - basis - entryFees)
    this.cash = this.sum(this.cash + notional - fee)
    book.quantity = isAll ? 0 : this.sum(book.quantity - quantity)
    book.costBasis = this.sum(book.costBasis - basis)
    book.entryFees = this.sum(book.entryFees - entryFees)
    book.realizedPnl = this.sum(book.realizedPnl + realized)
    book.held = this.sum(book.held - Math.min(order.held, quantity))
    order.held = this.sum(Math.max(0, order.held - quantity))
    return realized
  }

  #release(order: WorkingOrder, amount: number): void {
    const released = Math.min(order.held, amount)
    order.held = this.sum(order.held - released)
    this.held = this.sum(this.held - released)
  }

  /** Takes an order's hold back when it is over. */
  end(book: Book, order: WorkingOrder): void {
    order.isOver = true
    if (order.side === 'BUY') this.held = this.sum(this.held - order.held)
    else book.held = this.sum(book.held - order.held)
    order.held = 0
  }
}
