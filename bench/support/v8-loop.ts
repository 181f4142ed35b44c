/** "What V8 can do": the reference's plain loop of `sma-cross-v1` over typed arrays, word for word (`perf/contestants/v8_loop.mjs`). */
export function v8Loop(op: Float64Array, cl: Float64Array, fee: number) {
  const n = cl.length
  let cash = 100000,
    qty = 0,
    peak = cash,
    mdd = 0,
    fills = 0,
    pend = 0,
    side = 0,
    s20 = 0,
    s50 = 0
  for (let t = 0; t < n; t++) {
    if (pend !== 0) {
      const p = op[t]!
      if (pend > 0) {
        qty = (0.95 * cash) / p
        cash -= qty * p + fee * qty * p
      } else {
        cash += qty * p * (1 - fee)
        qty = 0
      }
      fills++
      pend = 0
    }
    const c = cl[t]!
    s20 += c
    s50 += c
    if (t >= 20) s20 -= cl[t - 20]!
    if (t >= 50) s50 -= cl[t - 50]!
    if (t >= 49) {
      const d = 5 * s20 - 2 * s50,
        s = d > 0 ? 1 : d < 0 ? -1 : side
      if (s > 0) {
        if (side < 0 && qty === 0) pend = 1
      } else if (side > 0 && qty > 0) pend = -1
      side = s
    }
    const e = cash + qty * c
    if (e > peak) peak = e
    else if (peak - e > mdd * peak) mdd = (peak - e) / peak
  }
  return { fills, final_equity: cash + qty * cl[n - 1]!, max_drawdown: mdd }
}

/** The same loop for any two averages, as the reference's sweep has it (`perf/micro/sweep.mjs`). Answers the final equity. */
export function v8SweepLoop(op: Float64Array, cl: Float64Array, A: number, B: number, fee: number): number {
  const n = cl.length
  let cash = 1e5,
    q = 0,
    pk = cash,
    dd = 0,
    pend = 0,
    side = 0,
    a = 0,
    b = 0
  for (let t = 0; t < n; t++) {
    if (pend !== 0) {
      const p = op[t]!
      if (pend > 0) {
        q = (0.95 * cash) / p
        cash -= q * p * (1 + fee)
      } else {
        cash += q * p * (1 - fee)
        q = 0
      }
      pend = 0
    }
    const c = cl[t]!
    a += c
    b += c
    if (t >= A) a -= cl[t - A]!
    if (t >= B) b -= cl[t - B]!
    if (t >= B - 1) {
      const d = B * a - A * b,
        s = d > 0 ? 1 : d < 0 ? -1 : side
      if (s > 0) {
        if (side < 0 && q === 0) pend = 1
      } else if (side > 0 && q > 0) pend = -1
      side = s
    }
    const e = cash + q * c
    if (e > pk) pk = e
    else if (pk - e > dd * pk) dd = (pk - e) / pk
  }
  return cash + q * cl[n - 1]!
}

/** The reference's parser: one pass over bytes, nothing checked. */
export function v8ParseCsv(buf: Uint8Array) {
  let n = 0
  for (let i = buf.indexOf(10) + 1; i > 0 && i < buf.length; i = buf.indexOf(10, i) + 1) n++
  const cols = [0, 1, 2, 3, 4, 5].map(() => new Float64Array(n))
  const P10 = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]
  let p = buf.indexOf(10) + 1,
    row = 0,
    col = 0,
    v = 0,
    frac = -1
  for (const L = buf.length; p < L; p++) {
    const b = buf[p]!
    if (b >= 48) {
      v = v * 10 + (b - 48)
      if (frac >= 0) frac++
    } else if (b === 46) frac = 0
    else {
      cols[col]![row] = frac > 0 ? v / P10[frac]! : v
      v = 0
      frac = -1
      if (b === 44) col++
      else {
        col = 0
        row++
      }
    }
  }
  return cols
}
