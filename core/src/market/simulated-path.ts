import type { SeededRandom } from './seeded-random.ts'

/**
 * The path of a simulated log price, made so that any moment can be had without the moments before it in the same block:
 *
 * - Time is cut into slots of 2 s and blocks of 2,048 slots (68 min 16 s) since 2020.
 * - Each block has a regime, by a Markov chain that keeps its regime with probability 1/2. The level at a block's end is the level at
 *   its start, pulled towards 0 (half-life 8 days, so prices stay within about half and twice their base for years), plus the regime's drift, plus noise.
 *   This chain is the only part that is walked from its beginning: about 8,000 short steps per simulated year, kept once made.
 * - Inside a block the path is a Brownian bridge by midpoint displacement (P. Levy): the value in the middle of an interval is the mean
 *   of its ends plus a random number that belongs to that middle. A moment needs 11 of them, whichever moments were asked before.
 * - On top: a wave that is zero at both ends (range), and now and then a spike that decays within minutes.
 */
export interface SimulatedPath {
  readonly at: (slot: number) => PathPoint
}

export interface PathPoint {
  /** Log of price / base price, in units of the product's daily volatility. */
  readonly level: number
  readonly regime: Regime
  /** A spike's rest, same unit; 0 most of the time. */
  readonly spike: number
}

export type Regime = 'trend_up' | 'trend_down' | 'range' | 'high_volatility'

export const slotMs = 2000
/** 2020-01-01T00:00:00Z; the simulated market has no time before. */
export const simulatedEpoch = 1_577_836_800_000

const slotsPerBlock = 2048
const slotsPerDay = 86_400_000 / slotMs
const blockDeviation = Math.sqrt(slotsPerBlock / slotsPerDay)
const pullPerBlock = 0.5 ** (slotsPerBlock / (8 * slotsPerDay))
const regimeOrder: readonly Regime[] = ['trend_up', 'trend_down', 'range', 'high_volatility']

/** Drift and wave in standard deviations of a quiet block; noise as a multiple of the quiet one. */
const shapes: Readonly<Record<Regime, { readonly drift: number; readonly noise: number; readonly wave: number }>> = {
  trend_up: { drift: 1.5, noise: 0.7, wave: 0 },
  trend_down: { drift: -1.5, noise: 0.7, wave: 0 },
  range: { drift: 0, noise: 0.4, wave: 0.7 },
  high_volatility: { drift: 0, noise: 2.5, wave: 0 },
}

const spikeChance = 0.1
const spikeDecaySlots = 45

/** What random numbers are drawn for; each purpose has its own stream. */
const streams = { keep: 1, regime: 2, level: 3, bridge: 4, wave: 5, spike: 6, spikeSlot: 7, spikeSize: 8 }

interface Block {
  readonly start: number
  readonly end: number
  readonly regime: Regime
}

export function simulatedPath(random: SeededRandom): SimulatedPath {
  const blocks: Block[] = []
  const blockAt = (index: number): Block => {
    for (let next = blocks.length; next <= index; next += 1) blocks.push(nextBlock(random, blocks.at(-1), next))
    const block = blocks[index]
    if (block === undefined) throw new Error(`no block ${index}: the simulated market begins in 2020`)
    return block
  }
  return {
    at: (slot) => {
      const index = Math.floor(slot / slotsPerBlock)
      const block = blockAt(index)
      const offset = slot - index * slotsPerBlock
      const spike = spikeAt(random, index, offset)
      return { level: bridgeAt(random, block, index, offset) + waveAt(random, block, index, offset) + spike, regime: block.regime, spike }
    },
  }
}

function nextBlock(random: SeededRandom, before: Block | undefined, index: number): Block {
  const kept = before !== undefined && random.uniform(streams.keep, index) < 0.5
  const regime = kept ? before.regime : (regimeOrder[Math.floor(random.uniform(streams.regime, index) * regimeOrder.length)] ?? 'range')
  const start = before?.end ?? 0
  const { drift, noise } = shapes[regime]
  return { start, end: start * pullPerBlock + (drift + noise * random.gaussian(streams.level, index)) * blockDeviation, regime }
}

/** The variance of a bridge's middle is a quarter of what the interval's length gives. */
function bridgeAt(random: SeededRandom, block: Block, index: number, offset: number): number {
  let [low, high, atLow, atHigh] = [0, slotsPerBlock, block.start, block.end]
  const deviation = shapes[block.regime].noise / Math.sqrt(slotsPerDay)
  while (low < offset) {
    const middle = (low + high) / 2
    const value = (atLow + atHigh) / 2 + deviation * Math.sqrt((high - low) / 4) * random.gaussian(streams.bridge, index, middle)
    if (offset < middle) [high, atHigh] = [middle, value]
    else [low, atLow] = [middle, value]
  }
  return atLow
}

function waveAt(random: SeededRandom, block: Block, index: number, offset: number): number {
  const { wave } = shapes[block.regime]
  if (wave === 0) return 0
  const turns = 1 + Math.floor(random.uniform(streams.wave, index) * 3)
  const direction = random.uniform(streams.wave, index, 1) < 0.5 ? -1 : 1
  return direction * wave * blockDeviation * Math.sin((2 * Math.PI * turns * offset) / slotsPerBlock)
}

/** A jump of one to three quiet blocks' deviations in the first three quarters of a block, decaying to a third in 90 s. */
function spikeAt(random: SeededRandom, index: number, offset: number): number {
  if (random.uniform(streams.spike, index) >= spikeChance) return 0
  const since = offset - Math.floor(random.uniform(streams.spikeSlot, index) * slotsPerBlock * 0.75)
  if (since < 0) return 0
  const size = (1 + 2 * random.uniform(streams.spikeSize, index)) * (random.uniform(streams.spikeSize, index, 1) < 0.5 ? -1 : 1)
  return size * blockDeviation * Math.exp(-since / spikeDecaySlots)
}
