#!/usr/bin/env node
// An independent check of paper trading: recomputes every fill, posting, balance and equity of a run from the candle files alone and
// compares them with what `trader ledger export` says. It shares no line of code with the product, not even its decimals: all
// arithmetic here is on exact fractions of BigInt.
//
//   node test/support/check-fills.mjs --export FILE --candles BTC-USD=FILE [--candles ...] [--quotes BTC-USD=FILE ...]
//     [--spread-bps 2] [--cash 10000] [--run ID] [--summary FILE (the JSON line of `trader start --json`)]
//
// The rules are DESIGN.md section 6. It says what it checked, names every difference, and exits 1 where there is one.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

// ---- exact fractions

const gcd = (a, b) => {
  while (b !== 0n) [a, b] = [b, a % b]
  return a < 0n ? -a : a
}
const ratio = (n, d = 1n) => {
  const divisor = gcd(n, d) * (d < 0n ? -1n : 1n)
  return { n: n / divisor, d: d / divisor }
}
const [zero, one] = [ratio(0n), ratio(1n)]
const plus = (a, b) => ratio(a.n * b.d + b.n * a.d, a.d * b.d)
const minus = (a, b) => plus(a, { n: -b.n, d: b.d })
const times = (a, b) => ratio(a.n * b.n, a.d * b.d)
const over = (a, b) => ratio(a.n * b.d, a.d * b.n)
const compare = (a, b) => Number(a.n * b.d > b.n * a.d) - Number(a.n * b.d < b.n * a.d)
const least = (a, b) => (compare(a, b) <= 0 ? a : b)
const most = (a, b) => (compare(a, b) >= 0 ? a : b)
const floorOf = ({ n, d }) => n / d - (n % d < 0n ? 1n : 0n)
const floorTo = (a, decimals) => ratio(floorOf({ n: a.n * 10n ** BigInt(decimals), d: a.d }), 10n ** BigInt(decimals))
const ceilTo = (a, decimals) => minus(zero, floorTo(minus(zero, a), decimals))
const halfEvenTo = (a, decimals) => {
  const [down, unit] = [floorTo(a, decimals), ratio(1n, 10n ** BigInt(decimals))]
  const twice = compare(times(minus(a, down), ratio(2n)), unit)
  const isOdd = floorOf(over(down, unit)) % 2n !== 0n
  return twice > 0 || (twice === 0 && isOdd) ? plus(down, unit) : down
}

/** Square root, cut after 60 decimals: prices keep 12. */
function rootOf(a) {
  const scale = 10n ** 60n
  const wanted = (a.n * scale * scale) / a.d
  if (wanted < 2n) return ratio(wanted, scale)
  let root = 1n << BigInt(Math.ceil(wanted.toString(2).length / 2))
  for (let next = (root + wanted / root) / 2n; next < root; next = (root + wanted / root) / 2n) root = next
  return ratio(root, scale)
}

/** The number of a decimal text. An exponent, or more than 18 decimals, is rounded half-even to 18. */
function parse(text) {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(String(text))
  if (match === null) throw new Error(`${JSON.stringify(text)} is no decimal number`)
  const [, sign, whole, decimals = '', exponent = '0'] = match
  const power = Number(exponent) - decimals.length
  const digits = BigInt(sign + whole + decimals)
  return halfEvenTo(power < 0 ? ratio(digits, 10n ** BigInt(-power)) : ratio(digits * 10n ** BigInt(power)), 18)
}

function textOf(a) {
  const scaled = halfEvenTo(a, 18)
  const digits = (scaled.n < 0n ? -scaled.n : scaled.n) * (10n ** 18n / scaled.d)
  const text = `${digits / 10n ** 18n}.${String(digits % 10n ** 18n).padStart(18, '0')}`.replace(/\.?0+$/, '')
  return (scaled.n < 0n ? '-' : '') + text
}

/** 12 significant digits, down or up. */
function significant(a, direction) {
  const whole = floorOf(a)
  let decimals = whole > 0n ? 12 - String(whole).length : 12
  if (whole === 0n) while (floorOf(times(a, ratio(10n ** BigInt(decimals - 11)))) === 0n) decimals += 1
  if (decimals >= 0) return direction === 'down' ? floorTo(a, decimals) : ceilTo(a, decimals)
  const unit = ratio(10n ** BigInt(-decimals))
  return times(direction === 'down' ? floorTo(over(a, unit), 0) : ceilTo(over(a, unit), 0), unit)
}

// ---- the rules in numbers

const bps = (count) => ratio(BigInt(count), 10_000n)
const feeOf = { taker: bps(60), maker: bps(40) }
const impactAtFullMinute = bps(10)
const impactUnknown = bps(100)
const impactMost = ratio(1n, 2n)
const participation = ratio(1n, 10n)
/** Decimals of money, and of quantities of the products this is used with. */
const scale = 8
const priceScale = 12

// ---- candles to ticks

function readRows(path) {
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  const [header, ...lines] = text.split('\n').map((line) => line.trim())
  const columns = header.split(',')
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const values = line.split(',')
      return Object.fromEntries(columns.map((column, index) => [column, index === 0 ? Number(values[index]) : parse(values[index])]))
    })
}

/** Four ticks a candle: open, the nearer extreme at a third, the farther at two thirds, close at the last millisecond. */
function ticksOf({ candles, quotes, spreadBps }) {
  const steps = candles.slice(1).map((row, index) => row.timestamp_ms - candles[index].timestamp_ms)
  const timeframe = Math.min(...steps)
  const quoteAt = new Map(quotes.map((row) => [row.timestamp_ms, row]))
  return candles.flatMap((candle, index) => {
    const before = candles[index - 1]
    // After a gap nobody is known to have traded in the last full minute.
    const isAdjacent = before !== undefined && before.timestamp_ms + timeframe === candle.timestamp_ms
    const minuteNotional = !isAdjacent ? null : halfEvenTo(times(times(before.close, before.volume), ratio(60_000n, BigInt(timeframe))), 18)
    const isHighNearer = compare(minus(candle.high, candle.open), minus(candle.open, candle.low)) < 0
    const [nearer, farther] = isHighNearer ? ['high', 'low'] : ['low', 'high']
    const moments = [
      ['open', 0],
      [nearer, Math.floor(timeframe / 3)],
      [farther, Math.floor((2 * timeframe) / 3)],
      ['close', timeframe - 1],
    ]
    const quote = quoteAt.get(candle.timestamp_ms)
    return moments.map(([moment, offset]) => {
      const price = candle[moment]
      const half = times(price, over(spreadBps, ratio(20_000n)))
      return {
        time: candle.timestamp_ms + offset,
        price,
        bid: quote?.[`bid_${moment}`] ?? significant(minus(price, half), 'down'),
        ask: quote?.[`ask_${moment}`] ?? significant(plus(price, half), 'up'),
        candleStart: candle.timestamp_ms,
        candleVolume: candle.volume,
        minuteNotional,
      }
    })
  })
}

// ---- matching

/** Price and liquidity that a tick offers an order; a null price where its limit is out of reach. */
function offerOf(order, tick) {
  const isBuy = order.side === 'BUY'
  const touch = isBuy ? tick.ask : tick.bid
  const isReached = order.limit === null || (isBuy ? compare(touch, order.limit) <= 0 : compare(touch, order.limit) >= 0)
  const liquidity = order.liquidity ?? (isReached ? 'taker' : 'maker')
  if (!isReached) return { liquidity, price: null }
  if (liquidity === 'maker') return { liquidity, price: order.limit }
  const isKnown = tick.minuteNotional !== null && tick.minuteNotional.n > 0n
  const share = isKnown ? over(times(order.quantity, touch), tick.minuteNotional) : null
  const impact = share === null ? impactUnknown : least(impactMost, times(impactAtFullMinute, rootOf(share)))
  const exact = times(touch, isBuy ? plus(one, impact) : minus(one, impact))
  const price = isBuy ? ceilTo(exact, priceScale) : floorTo(exact, priceScale)
  if (order.limit === null) return { liquidity, price }
  return { liquidity, price: isBuy ? least(price, order.limit) : most(price, order.limit) }
}

/** What one product must have traded: its fills, and its orders as they stand at `until`. */
function replay({ ticks, exported, until, scrapeFractionOf, note }) {
  const orders = exported.map(toOrder).sort(inVenueOrder)
  const position = { quantity: zero, cost: zero, entryFees: zero, realized: zero }
  const fills = []
  let [candleStart, used] = [null, zero]
  for (const tick of ticks) {
    if (tick.time >= until) break
    if (tick.candleStart !== candleStart) [candleStart, used] = [tick.candleStart, zero]
    for (const order of orders.filter((each) => each.isOnBook && each.end === null && each.activeFrom <= tick.time)) {
      if (order.end !== null) continue
      if (order.expiresAt !== null && tick.time >= order.expiresAt) order.end = order.isArmed ? 'ABORTED' : 'EXPIRED'
      else if (order.isArmed) wake(order, tick)
      else work(order, tick)
    }
    settle(tick)
    orders.sort(inVenueOrder)
  }
  return { orders, fills, position }

  function wake(order, tick) {
    const isDue = order.type === 'stop' ? compare(tick.bid, order.stop) <= 0 : compare(tick.bid, order.takeProfit) >= 0
    if (!isDue || order.endedOutside || order.wokenAt !== null) return
    order.wokenAt = tick.time
    for (const sibling of orders) if (sibling !== order && sibling.parent === order.parent) endArmed(sibling)
  }

  function work(order, tick) {
    const { liquidity, price } = offerOf(order, tick)
    order.liquidity = liquidity
    const left = floorTo(most(zero, minus(times(tick.candleVolume, participation), used)), scale)
    const remaining = minus(order.quantity, order.filled)
    const quantity = order.tif === 'FOK' && compare(left, remaining) < 0 ? zero : floorTo(least(remaining, left), scale)
    if (price !== null && quantity.n > 0n) {
      const exact = times(quantity, price)
      const notional = order.side === 'BUY' ? ceilTo(exact, scale) : floorTo(exact, scale)
      if (notional.n > 0n) {
        const fee = ceilTo(times(notional, feeOf[liquidity]), scale)
        used = plus(used, quantity)
        order.filled = plus(order.filled, quantity)
        order.count += 1
        book({ order, tradeId: String(order.count), time: tick.time, quantity, price, notional, fee, liquidity })
      }
    }
    if (compare(order.filled, order.quantity) >= 0) order.end = 'FILLED'
    else if (order.tif !== 'GTC') order.end = 'CANCELLED'
    else if (order.endedOutside && compare(order.filled, order.recorded) >= 0) order.end = 'CANCELLED'
  }

  function book(fill) {
    const { side } = fill.order
    let [realized, scraped] = [zero, zero]
    if (side === 'BUY') {
      position.quantity = plus(position.quantity, fill.quantity)
      position.cost = plus(position.cost, fill.notional)
      position.entryFees = plus(position.entryFees, fill.fee)
    } else {
      const isAll = compare(fill.quantity, position.quantity) === 0
      const share = (pool) => (isAll ? pool : halfEvenTo(over(times(pool, fill.quantity), position.quantity), scale))
      const [cost, entryFees] = [share(position.cost), share(position.entryFees)]
      realized = minus(minus(minus(fill.notional, fill.fee), cost), entryFees)
      scraped = realized.n > 0n ? floorTo(times(realized, scrapeFractionOf(fill)), scale) : zero
      position.quantity = minus(position.quantity, fill.quantity)
      position.cost = minus(position.cost, cost)
      position.entryFees = minus(position.entryFees, entryFees)
      position.realized = plus(position.realized, realized)
    }
    fills.push({ ...fill, side, realized, scraped, after: { ...position } })
  }

  /** After each tick and before the next: entries are protected, what woke works, and a closed position guards nothing. */
  function settle(tick) {
    for (const fill of fills.filter(({ time }) => time === tick.time)) {
      if (fill.side === 'BUY') protect(fill)
      else if (fill.after.quantity.n === 0n) for (const order of orders) endArmed(order)
    }
    for (const order of orders.filter(({ wokenAt, end }) => wokenAt === tick.time && end === null)) {
      const entry = orders.find(({ id }) => id === order.parent)
      if (entry !== undefined && entry.end === null) entry.end = 'CANCELLED'
      const promised = orders.filter((each) => each.side === 'SELL' && each.isOnBook && !each.isArmed && each.end === null)
      const free = promised.reduce((left, each) => minus(left, minus(each.quantity, each.filled)), position.quantity)
      Object.assign(order, { isArmed: false, quantity: least(order.quantity, free), activeFrom: tick.time + 1 })
      if (order.quantity.n <= 0n) order.end = 'CANCELLED'
    }
  }

  /** The exits of an entry grow with its fills. The first of these, and one that opens the position anew, arms new ones. */
  function protect({ order: entry, quantity, time, tradeId, after }) {
    const exits = orders.filter(({ parent }) => parent === entry.id)
    for (const exit of exits) if (exit.isOnBook && exit.isArmed && exit.end === null) exit.quantity = plus(exit.quantity, quantity)
    if (tradeId !== '1' && compare(after.quantity, quantity) !== 0) return
    for (const [type, price] of [
      ['stop', entry.stop],
      ['take_profit', entry.takeProfit],
    ]) {
      const armed = exits.filter((exit) => exit.type === type && !exit.isOnBook && exit.activeFrom === time)
      const wanted = price === null ? 0 : 1
      if (armed.length !== wanted)
        problems.push(`entry ${entry.id} has ${armed.length} ${type} orders of its fill at ${time}, should have ${wanted}`)
      for (const exit of armed) {
        Object.assign(exit, { isOnBook: true, quantity })
        expectEqual(`order ${exit.id}: ${type}`, type === 'stop' ? exit.stop : exit.takeProfit, price)
      }
    }
  }

  function endArmed(order) {
    if (order.isOnBook && order.isArmed && order.wokenAt === null && order.end === null) order.end = 'CANCELLED'
  }

  function toOrder(order) {
    const amount = (text) => (text === null ? null : parse(text))
    const isExit = order.type === 'stop' || order.type === 'take_profit'
    // Someone's wish is in no candle: of an order cancelled from outside only what it did before can be checked.
    const endedOutside = order.state === 'CANCELLED' && !marketReasons.test(order.state_reason ?? '')
    if (endedOutside) note(`order ${order.order_id} was cancelled from outside (${order.state_reason}); its fills before are checked`)
    return {
      id: order.order_id,
      parent: order.parent_order_id,
      side: order.side,
      type: order.type,
      tif: order.time_in_force,
      origin: order.origin,
      leg: order.leg,
      quantity: parse(order.quantity),
      limit: amount(order.limit_price),
      stop: amount(order.stop_price),
      takeProfit: amount(order.take_profit),
      activeFrom: order.market_time,
      expiresAt: order.expires_at,
      isArmed: isExit,
      isOnBook: order.parent_order_id === null && !['ABORTED', 'DENIED', 'REJECTED'].includes(order.state),
      endedOutside,
      recorded: parse(order.filled_quantity),
      liquidity: null,
      filled: zero,
      count: 0,
      wokenAt: null,
      end: null,
    }
  }
}

/** Reasons of a cancel that follow from prices; all others are someone's wish. */
const marketReasons = /^(the other exit |exit \S+ of the same entry |the \S+ position is closed|(IOC|FOK): |no \S+ is left)/

/** The venue serves the earlier first, then by origin and place in it. */
function inVenueOrder(a, b) {
  return a.activeFrom - b.activeFrom || (a.origin < b.origin ? -1 : Number(a.origin > b.origin)) || a.leg - b.leg
}

// ---- comparing

const problems = []
const notes = []
const counts = { fills: 0, orders: 0, postings: 0, balances: 0, samples: 0 }

function expectEqual(what, found, expected) {
  const [is, shouldBe] = [found, expected].map((value) => (typeof value === 'object' && value !== null ? textOf(value) : String(value)))
  if (is !== shouldBe) problems.push(`${what} is ${is}, should be ${shouldBe}`)
}

const amountOf = (text) => (text === undefined || text === null ? text : parse(text))

function checkFills(exported, expected) {
  const key = (orderId, tradeId) => `${orderId} ${tradeId}`
  const recorded = new Map(exported.fills.map((fill) => [key(fill.order_id, fill.trade_id), fill]))
  if (recorded.size !== exported.fills.length) problems.push(`${exported.fills.length - recorded.size} fills are recorded twice`)
  for (const fill of expected) {
    counts.fills += 1
    const found = recorded.get(key(fill.order.id, fill.tradeId))
    const name = `fill ${fill.tradeId} of order ${fill.order.id} (${fill.side} ${fill.product})`
    if (found === undefined) {
      problems.push(
        `${name} is missing: ${textOf(fill.quantity)} at ${textOf(fill.price)}, tick of ${fill.time} (${new Date(fill.time).toISOString()})`,
      )
      continue
    }
    recorded.delete(key(fill.order.id, fill.tradeId))
    expectEqual(`${name}: tick`, found.market_time, fill.time)
    expectEqual(`${name}: side`, found.side, fill.side)
    expectEqual(`${name}: liquidity`, found.liquidity, fill.liquidity)
    for (const [column, value] of [
      ['price', fill.price],
      ['quantity', fill.quantity],
      ['notional', fill.notional],
      ['fee', fill.fee],
      ['realized_pnl', fill.realized],
      ['scraped', fill.scraped],
      ['position_quantity_after', fill.after.quantity],
    ])
      expectEqual(`${name}: ${column}`, amountOf(found[column]), value)
  }
  for (const fill of recorded.values()) {
    problems.push(`fill ${fill.trade_id} of order ${fill.order_id} (${fill.side} ${fill.product}) should not exist: no tick fills it`)
  }
}

function checkOrders(exported, orders) {
  for (const order of orders) {
    counts.orders += 1
    const found = exported.orders.find((each) => each.order_id === order.id)
    expectEqual(`order ${order.id}: filled_quantity`, parse(found.filled_quantity), order.filled)
    if (order.isOnBook) expectEqual(`order ${order.id}: quantity`, parse(found.quantity), order.quantity)
    const open = order.isArmed ? 'ARMED' : order.filled.n > 0n ? 'PARTIAL' : 'WORKING'
    if (order.isOnBook) expectEqual(`order ${order.id}: state`, found.state, order.end ?? open)
    else if (order.parent !== null) problems.push(`order ${order.id} protects an entry that did not fill`)
  }
}

/** What each transaction must have posted, and what every account must hold in the end. */
function checkPostings(exported, { fills, cash }) {
  const accounts = new Map(exported.accounts.map((account) => [account.account_id, account]))
  const expected = new Map([
    [
      `seed:${exported.run.run_id}`,
      [
        ['USD', 'equity', minus(zero, cash)],
        ['USD', 'available', cash],
      ],
    ],
  ])
  for (const fill of fills) {
    const found = exported.fills.find((each) => each.order_id === fill.order.id && each.trade_id === fill.tradeId)
    if (found === undefined) continue
    const [base, quote] = fill.product.split('-')
    const sign = fill.side === 'BUY' ? one : minus(zero, one)
    const [quantity, paid] = [times(sign, fill.quantity), times(sign, fill.notional)]
    expected.set(`fill:${found.fill_id}`, [
      [base, 'available', quantity],
      [base, 'exchange_clearing', minus(zero, quantity)],
      [quote, 'available', minus(minus(zero, paid), fill.fee)],
      [quote, 'fees', fill.fee],
      [quote, 'exchange_clearing', paid],
    ])
    if (fill.scraped.n > 0n)
      expected.set(`scrape:${found.fill_id}`, [
        [quote, 'available', minus(zero, fill.scraped)],
        [quote, 'scraped', fill.scraped],
      ])
  }
  const balances = new Map()
  for (const [key, legs] of expected) {
    const posted = exported.transactions.filter((transaction) => transaction.idem_key === key)
    if (posted.length !== 1) problems.push(`transaction ${key} is posted ${posted.length} times, should be 1`)
    const entries = exported.entries.filter((entry) => entry.txn_id === posted[0]?.txn_id)
    for (const [asset, kind, amount] of legs.filter((leg) => leg[2].n !== 0n)) {
      counts.postings += 1
      const ofAccount = entries.filter((entry) => entry.asset === asset && accounts.get(entry.account_id)?.kind === kind)
      const total = ofAccount.reduce((sum, entry) => plus(sum, parse(entry.amount)), zero)
      expectEqual(`transaction ${key}: ${asset} ${kind}`, total, amount)
      balances.set(`${asset} ${kind}`, plus(balances.get(`${asset} ${kind}`) ?? zero, amount))
    }
    const wanted = legs.filter((leg) => leg[2].n !== 0n).length
    if (posted.length === 1 && entries.length !== wanted)
      problems.push(`transaction ${key} has ${entries.length} entries, should have ${wanted}`)
  }
  for (const { idem_key, kind } of exported.transactions) {
    if (!expected.has(idem_key)) problems.push(`transaction ${idem_key} of kind ${kind} should not exist`)
  }
  const isWorking = exported.orders.some(({ state }) => ['RESERVED', 'SENT', 'WORKING', 'PARTIAL', 'PENDING_CANCEL'].includes(state))
  for (const { asset, kind, posted, held } of exported.accounts) {
    counts.balances += 1
    expectEqual(`balance of ${asset} ${kind}`, parse(posted), balances.get(`${asset} ${kind}`) ?? zero)
    if (!isWorking) expectEqual(`hold on ${asset} ${kind}`, parse(held), zero)
  }
  for (const name of balances.keys()) {
    if (!exported.accounts.some(({ asset, kind }) => `${asset} ${kind}` === name)) problems.push(`account ${name} is missing`)
  }
}

/** Cash, scraped, positions and equity as they stood before a market time. */
function portfolioAt(time, { fills, ticks, cash }) {
  let [left, scraped, realized, fees] = [cash, zero, zero, zero]
  const positions = new Map()
  for (const fill of fills) {
    if (fill.time >= time) continue
    const paid = fill.side === 'BUY' ? fill.notional : minus(zero, fill.notional)
    left = minus(minus(minus(left, paid), fill.fee), fill.scraped)
    scraped = plus(scraped, fill.scraped)
    realized = plus(realized, fill.realized)
    fees = plus(fees, fill.fee)
    positions.set(fill.product, fill.after)
  }
  let [value, cost] = [zero, zero]
  for (const [product, position] of positions) {
    const mark = ticks.get(product).findLast((tick) => tick.time < time)
    value = plus(value, floorTo(times(position.quantity, mark.price), scale))
    cost = plus(cost, plus(position.cost, position.entryFees))
  }
  return {
    cash: left,
    scraped,
    position_value: value,
    realized_pnl: realized,
    unrealized_pnl: minus(value, cost),
    equity: plus(plus(left, scraped), value),
    fees,
  }
}

function checkSamples(exported, world) {
  for (const sample of exported.equity_samples) {
    counts.samples += 1
    const expected = portfolioAt(sample.market_time, world)
    for (const name of ['cash', 'scraped', 'position_value', 'realized_pnl', 'unrealized_pnl', 'equity'])
      expectEqual(`equity sample at ${sample.market_time}: ${name}`, parse(sample[name]), expected[name])
  }
}

function checkPositions(exported, replayed) {
  for (const [product, { position }] of replayed) {
    const found = exported.positions.find((each) => each.product === product)
    for (const [column, value] of [
      ['quantity', position.quantity],
      ['cost_basis', position.cost],
      ['entry_fees', position.entryFees],
      ['realized_pnl', position.realized],
    ])
      expectEqual(`position of ${product}: ${column}`, parse(found?.[column] ?? '0'), value)
  }
}

function checkSummary(path, { run, final, fills }) {
  const summary = JSON.parse(readFileSync(path, 'utf8').trim().split('\n').at(-1))
  expectEqual('summary: run_id', summary.run_id, run.run_id)
  expectEqual('summary: fills', summary.fills, fills.length)
  for (const name of ['cash', 'scraped', 'realized_pnl', 'unrealized_pnl', 'fees', 'equity'])
    expectEqual(`summary: ${name}`, parse(summary[name]), final[name])
}

// ---- the command

function main() {
  const { values } = parseArgs({
    options: {
      export: { type: 'string' },
      candles: { type: 'string', multiple: true, default: [] },
      quotes: { type: 'string', multiple: true, default: [] },
      'spread-bps': { type: 'string', default: '2' },
      cash: { type: 'string', default: '10000' },
      run: { type: 'string' },
      summary: { type: 'string' },
    },
  })
  if (values.export === undefined || values.candles.length === 0) throw new Error('give --export FILE and --candles PRODUCT=FILE')
  const files = (list) => new Map(list.map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]))
  const [candleFiles, quoteFiles] = [files(values.candles), files(values.quotes)]
  const exported = exportOf(JSON.parse(readFileSync(values.export, 'utf8')), values.run)
  const { run } = exported
  checkFiles(run, [...candleFiles.values(), ...quoteFiles.values()])

  const [spreadBps, cash, until] = [parse(values['spread-bps']), parse(values.cash), run.cursor ?? 0]
  const [ticks, replayed] = [new Map(), new Map()]
  for (const product of run.products) {
    if (!candleFiles.has(product)) throw new Error(`--candles ${product}=FILE is missing`)
    const quotes = quoteFiles.has(product) ? readRows(quoteFiles.get(product)) : []
    const ofProduct = ticksOf({ candles: readRows(candleFiles.get(product)), quotes, spreadBps })
    ticks.set(product, ofProduct)
    const orders = exported.orders.filter((order) => order.product === product)
    const scrapeFractionOf = (fill) =>
      parse(exported.fills.find((each) => each.order_id === fill.order.id && each.trade_id === fill.tradeId)?.scrape_fraction ?? '0')
    replayed.set(product, replay({ ticks: ofProduct, exported: orders, until, scrapeFractionOf, note: (text) => notes.push(text) }))
  }
  const fills = [...replayed].flatMap(([product, each]) => each.fills.map((fill) => ({ ...fill, product })))
  const world = { fills, ticks, cash }
  checkFills(exported, fills)
  checkOrders(
    exported,
    [...replayed.values()].flatMap(({ orders }) => orders),
  )
  checkPostings(exported, world)
  checkPositions(exported, replayed)
  checkSamples(exported, world)
  const final = portfolioAt(until, world)
  if (values.summary !== undefined) checkSummary(values.summary, { run, final, fills })

  notes.forEach((note) => console.log(`  note: ${note}`))
  problems.forEach((problem) => console.log(`  DIFFERENT: ${problem}`))
  const checked = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  console.log(`run ${run.run_id} up to ${new Date(until).toISOString()}: checked ${checked.join(', ')}; equity ${textOf(final.equity)}`)
  console.log(problems.length === 0 ? 'everything is as recomputed from the candles' : `${problems.length} differences`)
  return problems.length === 0 ? 0 : 1
}

/** The rows of one run. */
function exportOf(all, wanted) {
  const runs = all.runs.filter(({ run_id }) => wanted === undefined || run_id === wanted)
  if (runs.length !== 1)
    throw new Error(`the export has ${all.runs.length} runs (${all.runs.map(({ run_id }) => run_id).join(', ')}); name one by --run`)
  const [run] = runs
  const ofRun = (rows) => rows.filter(({ run_id }) => run_id === run.run_id)
  const transactions = ofRun(all.transactions)
  const ids = new Set(transactions.map(({ txn_id }) => txn_id))
  return {
    run,
    transactions,
    accounts: ofRun(all.accounts),
    entries: all.entries.filter(({ txn_id }) => ids.has(txn_id)),
    orders: ofRun(all.orders),
    fills: ofRun(all.fills),
    positions: ofRun(all.positions),
    equity_samples: ofRun(all.equity_samples),
  }
}

/** The files must be those that the run replayed. */
function checkFiles(run, paths) {
  const hashes = paths.map((path) => createHash('sha256').update(readFileSync(path)).digest('hex'))
  const list = (texts) => texts.toSorted((a, b) => (a < b ? -1 : 1)).join(' ')
  expectEqual('hashes of the files', list(hashes), list(run.file_hashes))
}

try {
  process.exitCode = main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
