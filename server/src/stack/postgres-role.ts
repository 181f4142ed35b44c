import { createHash } from 'node:crypto'
import type { Client } from 'pg'

/**
 * The role that our processes use. It owns the database and is no superuser: it can read no file of the machine, the sealing key least of
 * all, and cannot switch triggers off for itself.
 */
export const productRole = 'trader_app'

/** Its password follows from the superuser's and does not lead back to it. */
export function productPassword(superuserPassword: string): string {
  return createHash('sha256').update(`${productRole}:${superuserPassword}`).digest('base64url')
}

/** Makes the role. `client` is the superuser's, on any database. */
export async function makeProductRole(client: Client, password: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [productRole])
  await client.query(
    `${rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${productRole} LOGIN NOSUPERUSER PASSWORD ${client.escapeLiteral(password)}`,
  )
}

/** Hands a database that the superuser made, in an older version, to the role, with everything in it. `client` is the superuser's, on that database. */
export async function handOver(client: Client, database: string): Promise<void> {
  await client.query(`BEGIN; ALTER DATABASE ${database} OWNER TO ${productRole}; ${handOverObjects}; COMMIT`)
}

// Indexes, identity sequences and row types follow their tables.
const handOverObjects = `DO $$ DECLARE v_sql text; BEGIN
  FOR v_sql IN
    SELECT format('ALTER TABLE %s OWNER TO ${productRole}', oid::regclass) FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
    UNION ALL SELECT format('ALTER ROUTINE %s OWNER TO ${productRole}', oid::regprocedure) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT format('ALTER TYPE %s OWNER TO ${productRole}', t.oid::regtype) FROM pg_type t LEFT JOIN pg_class c ON c.oid = typrelid
      WHERE typnamespace = 'public'::regnamespace AND (typtype IN ('d', 'e') OR relkind = 'c')
  LOOP EXECUTE v_sql; END LOOP;
END $$`
