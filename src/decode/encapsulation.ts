/**
 * The encapsulation of a packet as two key words and as text. A word is kind << 24 | id; the first keyed layer makes
 * word 0, the second word 1, unchanged; further ones are hashed into both. Only VLAN ids and VXLAN and GENEVE network
 * identifiers are part of the key: the other identifiers differ by direction. MPLS and NSH are not keyed at all, nor is
 * VLAN id 0, which is a priority tag and no VLAN (IEEE 802.1Q section 9.6).
 */
import {
  LAYER_6IN4,
  LAYER_CAPWAP,
  LAYER_ERSPAN,
  LAYER_GENEVE,
  LAYER_GRE,
  LAYER_GTPU,
  LAYER_IPIP,
  LAYER_KEYED_LAST,
  LAYER_L2TP,
  LAYER_MPLS,
  LAYER_NSH,
  LAYER_PPPOE,
  LAYER_PPTP,
  LAYER_TEREDO,
  LAYER_TZSP,
  LAYER_VLAN,
  LAYER_VXLAN,
} from '../bytes.ts'
import type { Packet } from '../types.ts'

const ID_MASK = 0xffffff
const MIX_0 = 0x9e3779b1
const MIX_1 = 0x85ebca77

/** Sets encapsulation0 and encapsulation1 from the layers. */
export function setEncapsulation(packet: Packet, ignoreVlan: boolean): void {
  let word0 = 0
  let word1 = 0
  let keyed = 0
  for (let i = 0; i < packet.layerCount; i++) {
    const word = layerWord(packet.layerKind[i], packet.layerId[i], ignoreVlan)
    if (word === 0) continue
    if (keyed === 0) word0 = word
    else if (keyed === 1) word1 = word
    else {
      word0 = Math.imul(((word0 << 5) | (word0 >>> 27)) ^ word, MIX_0)
      word1 = Math.imul(((word1 << 11) | (word1 >>> 21)) ^ word0, MIX_1)
    }
    keyed++
  }
  packet.encapsulation0 = word0
  packet.encapsulation1 = word1
}

/** 0: not part of the key. */
function layerWord(kind: number, id: number, ignoreVlan: boolean): number {
  if (kind > LAYER_KEYED_LAST) return 0
  if (kind === LAYER_VLAN) return ignoreVlan || id === 0 ? 0 : (kind << 24) | id
  return kind === LAYER_VXLAN || kind === LAYER_GENEVE ? (kind << 24) | (id & ID_MASK) : kind << 24
}

const NAMES: readonly string[] = layerNames()

function layerNames(): string[] {
  const names: string[] = []
  names[LAYER_VLAN] = 'vlan'
  names[LAYER_VXLAN] = 'vxlan'
  names[LAYER_GENEVE] = 'geneve'
  names[LAYER_IPIP] = 'ipip'
  names[LAYER_6IN4] = '6in4'
  names[LAYER_GRE] = 'gre'
  names[LAYER_ERSPAN] = 'erspan'
  names[LAYER_GTPU] = 'gtp-u'
  names[LAYER_TEREDO] = 'teredo'
  names[LAYER_CAPWAP] = 'capwap'
  names[LAYER_TZSP] = 'tzsp'
  names[LAYER_L2TP] = 'l2tp'
  names[LAYER_PPPOE] = 'pppoe'
  names[LAYER_PPTP] = 'pptp'
  names[LAYER_MPLS] = 'mpls'
  names[LAYER_NSH] = 'nsh'
  return names
}

/** Outermost first: ["vlan:12", "vxlan:5000"]; a layer without identifier is its bare name. */
export function encapsulationText(packet: Packet): string[] {
  const texts: string[] = []
  for (let i = 0; i < packet.layerCount; i++) {
    const name = NAMES[packet.layerKind[i]] ?? 'unknown'
    const id = packet.layerId[i]
    texts.push(id === -1 ? name : `${name}:${id >>> 0}`)
  }
  return texts
}
