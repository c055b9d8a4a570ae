/** Whether an address is one of the site's own, for formats that distinguish internal from external addresses. */
import { type Cidr, cidrContains, parseAddress, parseCidr } from '../../address.ts'

/** Addresses that are never public: RFC 1918, 6598, 1122, 3927; RFC 4193, 4291. */
const PRIVATE = [
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['fc00::/7', 'fe80::/10', '::1/128'],
].map((text) => parseCidr(text)!)

/** `internal`: the networks of the site file; where it names none, private address space is the site's own. */
export function createLocality(internal: readonly Cidr[]): (address: string) => boolean {
  const networks = internal.length === 0 ? PRIVATE : internal
  return (address) => {
    const parsed = parseAddress(address)
    if (parsed === undefined) return false
    const [w0, w1, w2, w3] = parsed.words
    return networks.some((network) => cidrContains(network, parsed.version, w0, w1, w2, w3))
  }
}
