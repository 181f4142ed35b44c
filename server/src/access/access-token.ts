import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Secret } from '../secret.ts'
import { scope } from './scope.ts'

/** A token as it is listed: never the token itself. */
export const accessToken = z.strictObject({
  token_id: z.string(),
  name: z.string(),
  scope,
  created_at: z.int(),
  expires_at: z.int().nullable(),
  revoked_at: z.int().nullable(),
})
export type AccessToken = z.infer<typeof accessToken>

/** A new token of 256 random bits, with the id it is listed under. */
export function drawToken(): { tokenId: string; token: Secret } {
  return { tokenId: randomBytes(6).toString('hex'), token: new Secret(`trader_${randomBytes(32).toString('base64url')}`) }
}

/** What is stored and compared: SHA-256 in hex. A token has enough entropy that it needs no salt. */
export function tokenHash(token: Secret): string {
  return createHash('sha256').update(token.reveal()).digest('hex')
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `90m`, `12h` or `30d`; undefined where it is none of these. */
export function lifetimeMs(text: string): number | undefined {
  const [, count, unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? []
  const factor = unitMs[unit]
  return factor === undefined ? undefined : Number(count) * factor
}
