/** The signatures of applications: messengers, calls, games, peers, and the devices of homes, stages and offices. */
import type { Signature } from '../inspect/payload.ts'
import { signatures as calls } from './calls.ts'
import { signatures as chat } from './chat.ts'
import { signatures as home } from './home.ts'
import { signatures as nearby } from './nearby.ts'
import { signatures as peers } from './peers.ts'
import { signatures as play } from './play.ts'
import { signatures as reliableUdp } from './reliable-udp.ts'
import { signatures as stage } from './stage.ts'

export const signatures: Signature[] = [
  ...stage,
  ...home,
  ...nearby,
  ...calls,
  ...chat,
  ...play,
  ...reliableUdp,
  ...peers,
]
