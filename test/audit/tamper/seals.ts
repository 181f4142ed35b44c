import { canonicalRecord } from '@trader/core/audit/canonical-record'
import { leafHash } from '@trader/core/audit/merkle-tree'
import type { Seal } from '@trader/core/audit/seal'
import { openSealSigner } from '@trader/server/audit/seal-key'
import { sealedRecords } from '@trader/server/audit/sealed-records'
import type { Database } from '@trader/server/database/pool'
import type { SealedWorld } from '../journal.ts'
import { NoTamper, numbers, pickOf, type Dice, type Tamper } from './draw.ts'

/** The last seals with all their leaves: what a rollback to an older copy leaves. */
export async function truncateSeals(db: Database, dice: Dice): Promise<Tamper> {
  const { rows } = await db.query<{ seal: number }>('select seal from audit_seal order by seal')
  const from = Math.max(2, rows.length - Math.floor(dice() * 3))
  await db.query('delete from audit_leaf where seal >= $1', [from])
  await db.query('delete from audit_seal where seal >= $1', [from])
  return {
    label: 'cut seals and leaves',
    what: `cut off the seals from ${from} on, with their leaves`,
    places: numbers(from, rows.length).map((seal) => `seal ${seal}`),
    mustAll: true,
  }
}

/** A row is altered and its leaf made to fit: only the root can tell, and names its seal. */
export async function tamperTogether(db: Database, dice: Dice): Promise<Tamper> {
  const fills = await db.query<{ id: string }>(`select fill_id::text as id from fill order by recorded_at, fill_id`)
  const { id } = pickOf(dice, fills.rows)
  await db.query(`update fill set price = price + 0.01, liquidity = 'maker' where fill_id = $1::uuid`, [id])
  for await (const batch of sealedRecords(db)) {
    const record = batch.find((each) => each.kind === 'fill' && each.id === id)
    if (record === undefined) continue
    const hash = Buffer.from(leafHash(canonicalRecord(record)))
    await db.query(`update audit_leaf set hash = $1 where kind = 'fill' and id = $2`, [hash, id])
    return {
      label: 'alter fill and leaf',
      what: `altered fill ${id} and its leaf together`,
      places: [`seal ${record.seal}`],
      mustAll: true,
    }
  }
  throw new NoTamper(`fill ${id} is not sealed`)
}

/** A seal over the same records, signed with another key; its chain and hashes fit. */
export async function forgeSeal(db: Database, { world, dice }: { world: SealedWorld; dice: Dice }): Promise<Tamper> {
  const { rows } = await db.query<Seal>('select * from audit_seal order by seal')
  const seal = pickOf(dice, rows)
  const forger = forgersKey(world)
  const isNew = dice() < 0.3
  const body = isNew ? { ...seal, seal: rows.length + 1, previous: rows.at(-1)?.hash ?? '' } : { ...seal, sealed_at: seal.sealed_at + 1 }
  const keepsKeyId = dice() < 0.5
  const forged = forger.sign({ ...body, key_id: keepsKeyId ? seal.key_id : forger.keyId })
  if (!isNew) await db.query('delete from audit_seal where seal = $1', [seal.seal])
  await db.query('insert into audit_seal select * from jsonb_populate_record(null::audit_seal, $1)', [JSON.stringify(forged)])
  return {
    label: 'forge audit_seal',
    what: `forged seal ${forged.seal}${isNew ? ', a new one' : ''}`,
    places: [`seal ${forged.seal}`],
    mustAll: true,
  }
}

function forgersKey({ files }: SealedWorld): ReturnType<typeof openSealSigner> {
  return openSealSigner({ sealKey: `${files.root}/forgers-key`, sealPublicKey: `${files.root}/forgers-key.pub` })
}
