import { beforeFirstSeal, type Seal, type SealBody } from '@trader/core/audit/seal'

/** Where the chain of seals goes on. */
export interface ChainEnd {
  /** The newest seal in the database. */
  readonly newest: Seal | null
  readonly next: Pick<SealBody, 'seal' | 'previous' | 'database_ended_at' | 'log_ended_at'>
}

/** The next seal follows the newest one. */
export function chainAfter(newest: Seal | null): ChainEnd {
  return {
    newest,
    next: { seal: numberOf(newest) + 1, previous: newest?.hash ?? beforeFirstSeal, database_ended_at: null, log_ended_at: null },
  }
}

/**
 * The next seal after its owner put back a database or a seal log: it takes a number that neither has, follows the later of the two, and
 * says where each ended. What is missing stays visible for ever, as missing with its owner's word.
 */
export function chainAfterRestore({ database, log }: { database: Seal | null; log: Seal | null }): ChainEnd {
  const [databaseEnd, logEnd] = [numberOf(database), numberOf(log)]
  const last = logEnd >= databaseEnd ? log : database
  return { newest: database, next: { ...chainAfter(last).next, database_ended_at: databaseEnd, log_ended_at: logEnd } }
}

/** True where `later` is the seal that was made right after `earlier`. */
export function follows(later: Seal, earlier: Seal | null): boolean {
  return later.seal === numberOf(earlier) + 1 && later.previous === (earlier?.hash ?? beforeFirstSeal)
}

const numberOf = (seal: Seal | null): number => seal?.seal ?? 0
