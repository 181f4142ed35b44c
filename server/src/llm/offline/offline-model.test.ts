import { describe, expect, it } from 'vitest'
import { offlineReply } from '@trader/core/agent/offline-trader'
import { emptyGate, evaluateGate } from '@trader/core/agent/gate'
import { renderPrompt } from '@trader/core/agent/prompt-render'
import { repairPrompt } from '@trader/core/agent/repair-prompt'
import { candlesOf, driftingCloses, snapshotOf, viewOf } from '../../../../test/support/decision-snapshot.ts'
import { describeModelClient } from '../model-cases.ts'
import { createOfflineModel } from './offline-model.ts'

const snapshot = snapshotOf([viewOf(candlesOf(driftingCloses({ wobble: 0.002, drift: 0.03 })))])
const prompt = renderPrompt({ snapshot, verdicts: evaluateGate({ snapshot, state: emptyGate }), policy: snapshot.prompt.policy })
const answer = offlineReply(prompt.messages[0]?.content ?? '') ?? ''
const request = { ...prompt, model: 'offline', maxOutputTokens: 2000, deadlineMs: 5000 }
const client = createOfflineModel([offlineReply])

describeModelClient('the offline model', {
  open: async () => ({ client, close: async () => undefined }),
  request,
  answer,
})

describe('the offline model', () => {
  it('answers a repair as it answered at first', async () => {
    const repair = repairPrompt({ prompt, reply: 'prose', fault: { reason: 'NOT_ONE_OBJECT', detail: 'began "prose"' } })
    expect(await client.complete({ ...request, ...repair })).toMatchObject({ outcome: 'ok', text: answer })
  })

  it('says so when no responder knows the prompt, and asks them in order', async () => {
    const messages = [{ role: 'user' as const, content: 'hello' }]
    expect(await client.complete({ ...request, messages })).toMatchObject({ outcome: 'invalid_output', text: null })
    const both = createOfflineModel([offlineReply, (message) => `you said ${message}`])
    expect(await both.complete({ ...request, messages })).toMatchObject({ outcome: 'ok', text: 'you said hello' })
  })

  it('obeys the token limit', async () => {
    expect(await client.complete({ ...request, maxOutputTokens: 5 })).toMatchObject({ outcome: 'too_long' })
  })
})
