// Temporal's bundler takes every export of this file for a workflow.
export { ExecutionLedgerWorkflow } from './execution-ledger.ts'
export { PlaceMockOrderWorkflow } from './place-mock-order.ts'
export { PingWorkflow } from './ping.ts'
