/** Rows for tables of probe.ts on ports that mean nothing: over TCP and strong unless told otherwise. */
import type { Expected, Probe } from './probe.ts'

const TCP = 6
const ports = [40001, 40002] as const

export function matched(
  label: string,
  name: string,
  said: Uint8Array,
  rest: Partial<Expected> = {},
): Expected {
  return { label, name, bytes: said, protocol: TCP, ports, strength: 'strong', ...rest }
}

export function missed(name: string, said: Uint8Array, rest: Partial<Probe> = {}): Probe {
  return { name, bytes: said, protocol: TCP, ports, ...rest }
}

export const CLIENT = { role: 'client' } as const
export const SERVER = { role: 'server' } as const
