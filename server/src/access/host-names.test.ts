import { describe, expect, it } from 'vitest'
import { answeredNames, requireNamesOutside } from './host-names.ts'

describe('the names that the servers answer to', () => {
  it('are those of this machine, the one listened on and the allowed ones', () => {
    expect(answeredNames({ HOST: 'Trader.lan', ALLOWED_HOSTS: ['proxy.lan'] })).toEqual([
      'localhost',
      '127.0.0.1',
      '[::1]',
      'trader.lan',
      'proxy.lan',
    ])
    expect(answeredNames({ HOST: 'fe80::1', ALLOWED_HOSTS: [] })).toContain('[fe80::1]')
    expect(answeredNames({ HOST: '0.0.0.0', ALLOWED_HOSTS: [] })).toEqual(['localhost', '127.0.0.1', '[::1]'])
  })

  it.each(['0.0.0.0', '::'])('must be there for other machines where HOST is %s', (HOST) => {
    expect(() => requireNamesOutside({ HOST, ALLOWED_HOSTS: [] })).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining('set ALLOWED_HOSTS') }),
    )
    expect(() => requireNamesOutside({ HOST, ALLOWED_HOSTS: ['trader.lan'] })).not.toThrow()
    expect(() => requireNamesOutside({ HOST: '127.0.0.1', ALLOWED_HOSTS: [] })).not.toThrow()
  })
})
