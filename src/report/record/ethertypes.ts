/** Names of the EtherTypes that are met most beside IP (IEEE 802 Numbers of IANA, and their standards). */
const NAMES: Readonly<Record<string, string>> = {
  '0x0806': 'ARP',
  '0x22f0': 'AVTP',
  '0x6003': 'DECnet',
  '0x8035': 'RARP',
  '0x809b': 'AppleTalk',
  '0x80f3': 'AppleTalk ARP',
  '0x8137': 'IPX',
  '0x8809': 'slow protocols',
  '0x8863': 'PPPoE discovery',
  '0x8864': 'PPPoE',
  '0x888e': '802.1X',
  '0x8892': 'PROFINET',
  '0x8899': 'Realtek',
  '0x88a2': 'ATA over Ethernet',
  '0x88a4': 'EtherCAT',
  '0x88b8': 'GOOSE',
  '0x88ca': 'TIPC',
  '0x88cc': 'LLDP',
  '0x88e5': 'MACsec',
  '0x88f7': 'PTP',
  '0x8902': 'CFM',
  '0x8906': 'FCoE',
  '0x893a': 'IEEE 1905',
  '0x9000': 'loopback test',
}

/** "ARP (0x0806)"; what has no name here, or is no EtherType, stays as it is. */
export function etherTypeText(etherType: string): string {
  const name = NAMES[etherType]
  return name === undefined ? etherType : `${name} (${etherType})`
}
