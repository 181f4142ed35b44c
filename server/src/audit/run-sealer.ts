import type { Config } from '../config.ts'
import { createPool } from '../database/pool.ts'
import type { Secret } from '../secret.ts'
import { openDataDir } from '../stack/data-dir.ts'
import { reportReady, untilTold } from '../stack/node-child.ts'
import { openSealSigner } from './seal-key.ts'
import { Sealer } from './sealer.ts'

/** Seals what the other processes record until it is told to end: the only process that reads the sealing key. */
export async function runSealer({ config, databaseUrl }: { config: Config; databaseUrl: Secret }): Promise<void> {
  const told = untilTold()
  const dataDir = openDataDir(config.DATA_DIR)
  const signer = openSealSigner(dataDir)
  const pool = createPool({ connectionString: databaseUrl.reveal(), max: 2 })
  const sealer = new Sealer({
    pool,
    signer,
    files: dataDir,
    book: config.TRADING_MODE,
    log: (text) => process.stderr.write(`${new Date().toISOString()} ${text}\n`),
    clock: Date.now,
  })
  try {
    sealer.start()
    reportReady({ version: null, detail: `key ${signer.keyId.slice(0, 12)}, roots also in ${dataDir.sealLog}` })
    await told
    await sealer.stop()
  } finally {
    await pool.end()
  }
}
