/** How the rows of one table are sealed. The migrations make the triggers to match; test/audit compares the two. */
export interface SealedTable {
  /** The table's name. */
  readonly kind: string
  /** Its primary key. A record's id is the key's parts joined by `/`. */
  readonly key: readonly string[]
  /** Type of the id: that of the key, or text where it has several parts. */
  readonly idType: 'bigint' | 'int' | 'text' | 'uuid'
  /** Where a record's content is. `row`: rows are written once, so it is read again. `leaf`: rows change, so the leaf keeps what was hashed. */
  readonly content: 'row' | 'leaf'
  /** Columns of many bytes: a record has their SHA-256, as the field `<column>_sha256`. */
  readonly digested: readonly string[]
  /** Columns that no record covers, and why. */
  readonly leftOut: Readonly<Record<string, string>>
}

const balance = 'derived: recomputed from the sealed entries'

export const sealedTables: readonly SealedTable[] = [
  // A posting's record has its entries with it, as the field `entries`.
  writtenOnce('txn', ['txn_id'], 'bigint'),
  writtenOnce('idempotency', ['idem_key'], 'text'),
  writtenOnce('fill', ['fill_id'], 'uuid'),
  writtenOnce('paper_fill', ['fill_id'], 'uuid'),
  writtenOnce('trade_block', ['block_id'], 'text'),
  writtenOnce('decision', ['id'], 'text'),
  writtenOnce('model_call', ['call_id'], 'text'),
  writtenOnce('agent_log', ['log_id'], 'text'),
  writtenOnce('prompt_text', ['text_hash'], 'text'),
  writtenOnce('prompt_version', ['version'], 'int'),
  writtenOnce('prompt_activation', ['activation_id'], 'bigint'),
  writtenOnce('preferences', ['version'], 'int'),
  writtenOnce('wallet_audit', ['audit_id'], 'bigint'),
  // Sealed once the sequencer has numbered it.
  writtenOnce('event', ['row_id'], 'bigint'),
  writtenOnce('workflow_bundle', ['bundle_hash'], 'text', ['code']),
  writtenOnce('workflow_history', ['history_hash'], 'text', ['history']),
  writtenOnce('workflow_history_gone', ['workflow_id'], 'text'),
  writtenOnce('equity_sample', ['run_id', 'market_time'], 'text'),
  writtenOnce('trading_flag_change', ['book', 'version'], 'text'),
  thatChanges('model_call_reservation', ['call_id', 'attempt'], 'text'),
  thatChanges('run', ['run_id'], 'text', { cursor: 'how far the feed has come, saved at every cycle; no fact of trading' }),
  thatChanges('wallet', ['wallet_id'], 'bigint', {
    net_spent: 'derived: recomputed from the sealed fills',
    updated_at: 'moves with net_spent',
  }),
  thatChanges('account', ['account_id'], 'bigint', {
    posted: balance,
    held: 'derived: recomputed from the sealed holds',
    version: balance,
  }),
  thatChanges('orders', ['order_id'], 'uuid'),
  thatChanges('intent', ['order_id'], 'uuid'),
  thatChanges('hold', ['hold_id'], 'bigint'),
  thatChanges('positions', ['run_id', 'book', 'product'], 'text'),
  thatChanges('trading_flag', ['book'], 'text'),
  thatChanges('feedback', ['feedback_id'], 'text'),
  thatChanges('access_token', ['token_id'], 'text'),
]

/** Tables without records of their own, and why. */
export const unsealedTables: Readonly<Record<string, string>> = {
  entry: 'sealed with its posting, as part of the record of txn',
  tick: 'market data, deleted when old; a decision holds the prices it saw',
  candle: 'market data, made from ticks or loaded again',
  quarantined_tick: 'market data that was refused',
  paper_order: "the paper venue's working state; what it filled is paper_fill",
  paper_match: "the paper venue's working state",
  paper_report: "the paper venue's outbox; what was settled is fill",
  event_sequence: 'the last number given to an event; every event is sealed with its number',
  asset: 'constants: the decimals of an asset',
  order_move: 'constants: the moves that the database allows',
  stack_info: 'which stack owns the database',
  migration: 'which migrations ran',
  audit_queue: 'the audit itself: what is not sealed yet',
  audit_leaf: 'the audit itself',
  audit_seal: 'the audit itself',
}

type IdType = SealedTable['idType']

function writtenOnce(kind: string, key: readonly string[], idType: IdType, digested: readonly string[] = []): SealedTable {
  return { kind, key, idType, content: 'row', digested, leftOut: {} }
}

function thatChanges(kind: string, key: readonly string[], idType: IdType, leftOut: SealedTable['leftOut'] = {}): SealedTable {
  return { kind, key, idType, content: 'leaf', digested: [], leftOut }
}
