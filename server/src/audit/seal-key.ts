import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { sealHash, sealMessage, type Seal, type SealBody } from '@trader/core/audit/seal'
import { ExitError } from '../exit-code.ts'
import { readOrCreate, writePrivateFile } from '../stack/private-file.ts'

/** Where the sealer's keys are. */
export interface SealKeyFiles {
  readonly sealKey: string
  readonly sealPublicKey: string
}

/** Signs seals. The key never leaves the sealer's process. */
export interface SealSigner {
  readonly keyId: string
  sign(body: SealBody): Seal
  /** True where a seal bears this key's signature. */
  isMine(seal: Seal): boolean
}

/** The sealer's key, made at the first start: Ed25519, PKCS #8, readable by its owner alone. The public half lies beside it. */
export function openSealSigner({ sealKey, sealPublicKey }: SealKeyFiles): SealSigner {
  const isNew = !existsSync(sealKey)
  const text = readOrCreate(sealKey, () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const privateKey = createPrivateKey(text)
  const publicKey = createPublicKey(privateKey)
  if (isNew || !existsSync(sealPublicKey)) writePrivateFile(sealPublicKey, publicKey.export({ type: 'spki', format: 'pem' }).toString())
  return {
    keyId: keyIdOf(publicKey),
    sign: (body) => ({ ...body, hash: sealHash(body), signature: sign(null, sealMessage(body), privateKey).toString('base64') }),
    isMine: (seal) => seal.hash === sealHash(seal) && isSignedBy(publicKey, seal),
  }
}

/** What a check needs: it never reads the private key. */
export function readSealPublicKey({ sealPublicKey }: Pick<SealKeyFiles, 'sealPublicKey'>): KeyObject {
  if (!existsSync(sealPublicKey)) {
    throw new ExitError(
      'failed',
      `${sealPublicKey} is missing: without it no seal can be checked; bring it from a backup, or start the stack`,
    )
  }
  return createPublicKey(readFileSync(sealPublicKey, 'utf8'))
}

/** SHA-256 of the 32 bytes of the public key, in hex. */
export function keyIdOf(publicKey: KeyObject): string {
  const { x } = publicKey.export({ format: 'jwk' })
  return createHash('sha256')
    .update(Buffer.from(x ?? '', 'base64url'))
    .digest('hex')
}

export function isSignedBy(publicKey: KeyObject, seal: Seal): boolean {
  return verify(null, sealMessage(seal), publicKey, Buffer.from(seal.signature, 'base64'))
}
