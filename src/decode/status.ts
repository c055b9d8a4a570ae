/**
 * The result of decoding a packet, as an integer. DECODED, NON_IP and HELD are ordinary; every other status is a reason
 * why the packet belongs to no flow, and `summary.undecoded` counts it by name.
 *
 * A packet whose IP header is valid but whose transport header is cut or malformed is still DECODED as long as its
 * ports were captured: the counters are right and the flow is known. Without ports it gets the `…_cut` status.
 * A failure inside a tunnel is no status at all: the packet then counts for the flow around the tunnel.
 */

/** A tuple was found: the packet belongs to a flow. */
export const DECODED = 0
/** A valid frame that carries no IP (ARP, LLDP, STP, PPP LCP, 802.11 management …): see Packet.etherType. */
export const NON_IP = 1
/** A later fragment that waits for its first one; it comes back through Decoder.released(). */
export const HELD = 2

export const LINK_TYPE_UNKNOWN = 3
export const LINK_CUT = 4
export const LINK_HEADER = 5
export const LLC_CUT = 6
export const PPP_CUT = 7
export const IEEE80211_CUT = 8
export const ENCRYPTED_80211 = 9
export const FRAGMENT_80211 = 10
export const VLAN_CUT = 11
export const MPLS_CUT = 12
export const PPPOE_CUT = 13
export const MACSEC_CUT = 14
export const ENCRYPTED_MACSEC = 15
export const IP_VERSION = 16
export const IPV4_HEADER_CUT = 17
export const IPV4_HEADER_LENGTH = 18
export const IPV4_TOTAL_LENGTH = 19
export const IPV6_HEADER_CUT = 20
export const IP_EXTENSION_CUT = 21
export const TCP_CUT = 22
export const UDP_CUT = 23
export const SCTP_CUT = 24
export const DCCP_CUT = 25
export const ICMP_CUT = 26
export const TOO_DEEP = 27
export const LINK_FRAGMENT = 28

export const STATUS_NAMES: readonly string[] = [
  'decoded',
  'non_ip',
  'held',
  'link_type_unknown',
  'link_cut',
  'link_header',
  'llc_cut',
  'ppp_cut',
  'ieee80211_cut',
  'encrypted_80211',
  'fragment_80211',
  'vlan_cut',
  'mpls_cut',
  'pppoe_cut',
  'macsec_cut',
  'encrypted_macsec',
  'ip_version',
  'ipv4_header_cut',
  'ipv4_header_length',
  'ipv4_total_length',
  'ipv6_header_cut',
  'ip_extension_cut',
  'tcp_cut',
  'udp_cut',
  'sctp_cut',
  'dccp_cut',
  'icmp_cut',
  'too_deep',
  'link_fragment',
]

/** Sentences for `explain`, in the order of the statuses. */
export const STATUS_REASONS: readonly string[] = [
  'decoded to a flow',
  'carries no IP',
  'a later fragment whose first fragment has not been seen',
  'the link type is not supported',
  'the link header is cut short',
  'the link header contradicts itself',
  'the LLC or SNAP header is cut short',
  'the PPP header is cut short',
  'the 802.11 header is cut short',
  'the 802.11 frame is encrypted',
  'a later 802.11 fragment without headers of its own',
  'the VLAN tag is cut short',
  'the MPLS label stack is cut short',
  'the PPPoE header is cut short',
  'the MACsec tag is cut short',
  'the MACsec payload is encrypted',
  'the IP version is neither the announced one nor 4 or 6',
  'the IPv4 header is cut short',
  'the IPv4 header length is under 20 bytes',
  'the IPv4 total length is shorter than the header',
  'the IPv6 header is cut short',
  'an extension header is cut short',
  'the TCP ports are cut off',
  'the UDP ports are cut off',
  'the SCTP ports are cut off',
  'the DCCP ports are cut off',
  'the ICMP type and code are cut off',
  'too many headers or tags inside one another',
  'a later piece of a frame that the link cut, without headers of its own',
]

export function statusName(status: number): string {
  return STATUS_NAMES[status] ?? 'unknown'
}
