import type { ElicitRequestFormParams } from '@modelcontextprotocol/server'

export interface Elicitation {
  readonly message: string
  readonly requestedSchema: ElicitRequestFormParams['requestedSchema']
  /** How the tool's answer begins. */
  readonly prefix: string
}

/** What the suite's tools ask the user, with the schemas that it checks (SEP-1034 defaults, SEP-1330 enums). */
export const elicitations: Readonly<Record<'person' | 'defaults' | 'enums', Elicitation>> = {
  person: {
    message: 'Please say who you are',
    prefix: 'User response',
    requestedSchema: {
      type: 'object',
      properties: {
        username: { type: 'string', description: "User's response" },
        email: { type: 'string', description: "User's email address" },
      },
      required: ['username', 'email'],
    },
  },
  defaults: {
    message: 'Please review the defaults',
    prefix: 'Elicitation completed',
    requestedSchema: {
      type: 'object',
      properties: {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true },
      },
    },
  },
  enums: {
    message: 'Please choose',
    prefix: 'Elicitation completed',
    requestedSchema: {
      type: 'object',
      properties: {
        untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
        titledSingle: {
          type: 'string',
          oneOf: [
            { const: 'value1', title: 'First Option' },
            { const: 'value2', title: 'Second Option' },
            { const: 'value3', title: 'Third Option' },
          ],
        },
        legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
        untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
        titledMulti: {
          type: 'array',
          items: {
            anyOf: [
              { const: 'value1', title: 'First Choice' },
              { const: 'value2', title: 'Second Choice' },
              { const: 'value3', title: 'Third Choice' },
            ],
          },
        },
      },
    },
  },
}
