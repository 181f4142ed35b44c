/** One fill as it is booked. One object serves a whole run: a new one with eight doubles per fill would cost more than the booking. */
export interface Execution {
  /** Place of the product among the run's. */
  product: number
  marketTime: number
  quantity: number
  price: number
  notional: number
  fee: number
  realizedPnl: number
  positionAfter: number
  cashAfter: number
}

/** Begun with fractions, so that its fields are doubles from the first fill on. */
export function newExecution(): Execution {
  return {
    product: 0,
    marketTime: 0.5,
    quantity: 0.5,
    price: 0.5,
    notional: 0.5,
    fee: 0.5,
    realizedPnl: 0.5,
    positionAfter: 0.5,
    cashAfter: 0.5,
  }
}
