const passedOn = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'TZ',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'HTTPS_PROXY',
  'NO_PROXY',
  'NO_COLOR',
]

/** The environment of a child: the few system variables that programs need, and what is given. No key of ours slips through. */
export function childEnvironment(extra: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const system = passedOn.map((name) => [name, process.env[name]] as const)
  const all = [...system, ...Object.entries(extra)]
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined))
}
