import dgram from 'node:dgram'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

// Imported first by a process that must reach nothing. Every socket of Node's (HTTP, TLS, fetch and WebSocket too) is opened by one of
// these functions. Node's permission model, which the process is started with, closes the ways around: other processes, threads, bindings.

function refuse(this: unknown): never {
  throw new Error('the network is off during a replay')
}

net.Socket.prototype.connect = refuse
net.Server.prototype.listen = refuse
dgram.Socket.prototype.bind = refuse
dgram.Socket.prototype.connect = refuse
dgram.Socket.prototype.send = refuse
for (const resolver of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
  for (const name of Object.getOwnPropertyNames(resolver)) {
    if (/^(lookup|resolve|reverse)/.test(name)) Object.assign(resolver, { [name]: refuse })
  }
}
syncBuiltinESMExports()
