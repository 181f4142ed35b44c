import type { google, temporal } from '@temporalio/proto'

// Protobuf's messages as plain values, so that what a history says and what a replay says can be compared field by field.

type Payload = temporal.api.common.v1.IPayload
type Failure = temporal.api.failure.v1.IFailure
type RetryPolicy = temporal.api.common.v1.IRetryPolicy
type Maybe<T> = T | null | undefined

export type ContentValue =
  | string
  | number
  | boolean
  | null
  | PayloadText
  | readonly ContentValue[]
  | { readonly [name: string]: ContentValue }

/** A payload as its bytes are: JSON as text, all else in base64. Bytes are compared, the JSON inside only names where they differ. */
export interface PayloadText {
  readonly encoding: string
  readonly payload: string
}

export function isPayloadText(value: unknown): value is PayloadText {
  return typeof value === 'object' && value !== null && 'payload' in value && 'encoding' in value && Object.keys(value).length === 2
}

export function payloadOf(payload: Maybe<Payload>): ContentValue {
  if (payload === null || payload === undefined) return null
  const encoding = Object.entries(payload.metadata ?? {})
    .map(([name, value]) => (name === 'encoding' ? text(value) : `${name}=${text(value)}`))
    .toSorted()
    .join(' ')
  const data = Buffer.from(payload.data ?? [])
  return { encoding, payload: data.toString(encoding.startsWith('json/') ? 'utf8' : 'base64') }
}

export function payloadsOf(payloads: Maybe<readonly Payload[]>): readonly ContentValue[] {
  return (payloads ?? []).map(payloadOf)
}

/** Headers, memo or search attributes: the server leaves out an empty map. */
export function payloadMapOf(fields: Maybe<Readonly<Record<string, Payload>>>): Readonly<Record<string, ContentValue>> {
  const entries = Object.entries(fields ?? {}).map(([name, payload]) => [name, payloadOf(payload)] as const)
  return Object.fromEntries(entries.toSorted(([left], [right]) => (left < right ? -1 : 1)))
}

/** Milliseconds; 0 where a duration is not set, as the server has it. */
export function durationOf(duration: Maybe<google.protobuf.IDuration>): number {
  return Number(duration?.seconds ?? 0) * 1000 + (duration?.nanos ?? 0) / 1e6
}

const largestIntervalFactor = 100

/** A retry policy with the server's defaults for what is not set. */
export function retryPolicyOf(policy: Maybe<RetryPolicy>): ContentValue {
  const initial = durationOf(policy?.initialInterval) || 1000
  return {
    initial_interval_ms: initial,
    backoff_coefficient: policy?.backoffCoefficient || 2,
    maximum_interval_ms: durationOf(policy?.maximumInterval) || initial * largestIntervalFactor,
    maximum_attempts: policy?.maximumAttempts ?? 0,
    non_retryable_error_types: [...(policy?.nonRetryableErrorTypes ?? [])],
  }
}

/** A failure without its stack traces: they name files of the machine that ran it. */
export function failureOf(failure: Maybe<Failure>): ContentValue {
  if (failure === null || failure === undefined) return null
  const { applicationFailureInfo: info } = failure
  return {
    message: failure.message ?? '',
    type: info?.type ?? '',
    non_retryable: info?.nonRetryable ?? false,
    details: payloadsOf(info?.details?.payloads),
    cause: failureOf(failure.cause),
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
