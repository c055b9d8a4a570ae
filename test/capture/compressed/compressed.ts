/** Captures as the compressors' own programs wrote them, and frames of stored blocks. */
import { Bytes } from '../build.ts'

function base64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'))
}

/** Nine packets of 9,000 bytes "flowhawkflowhawk…", as `zstd -19`, `lz4 -9 -B4 -BD -BX` and `lz4 -9 -l` wrote them. */
export const ZSTD = base64(
  `KLUv/aQQPQEAjQIAJALUw7KhAgAEAP//AAAB8VNlKCNmbG93aGF3awECAwQFBgcIDiBgw3TvMIMXmoE/msEzmoEXmpE/msEz
  moEXmlF8OyM2dIwF5wuxsMFWE4ELRU3CHw==`,
)
export const LZ4_LINKED = base64(
  `BCJNGFRArlQBAACE1MOyoQIABAABAFD//wAAAQkAMPFTZQcAIigjBACPZmxvd2hhd2sIAP//////////////////////////
  ////////////////////MAA4Ix8BOCP//////////////////////////////////////////////0cfAjgj////////////
  //////////////////////////////////9HHwM4I///////////////////////////////////////////////Rx8EOCP/
  /////////////////////////////////////////////0cfBTgj////////////////////////////////////////////
  //9HHwY4I///////////////////////////////////////////////Rx8HOCP///////////9MUHdoYXdrNcRa/EsAAAAP
  OCP/////////////////////////////////4h8IOCP//////////////////////////////////////////////z5Qd2hh
  d2tfmIgjAAAAADZ0ukg=`,
)
export const LZ4_LEGACY = base64(
  `AiFMGJYBAACE1MOyoQIABAABAFD//wAAAQkAMPFTZQcAIigjBACPZmxvd2hhd2sIAP//////////////////////////////
  ////////////////MAA4Ix8BOCP//////////////////////////////////////////////0cfAjgj////////////////
  //////////////////////////////9HHwM4I///////////////////////////////////////////////Rx8EOCP/////
  /////////////////////////////////////////0cfBTgj//////////////////////////////////////////////9H
  HwY4I///////////////////////////////////////////////Rx8HOCP/////////////////////////////////////
  /////////0cfCDgj//////////////////////////////////////////////8+UHdoYXdr`,
)

/** A zstd frame of stored blocks (RFC 8878): magic, descriptor, window of 1 MiB, blocks. */
export function zstdStored(parts: readonly Uint8Array[], descriptor = 0x00): Uint8Array {
  const out = new Bytes(true).u32(0xfd2fb528).raw([descriptor, 0x50])
  parts.forEach((part, i) => {
    const header = (part.length << 3) | (i === parts.length - 1 ? 1 : 0)
    out.raw([header & 255, (header >>> 8) & 255, header >>> 16]).raw(part)
  })
  return out.done()
}

/** An lz4 frame of stored blocks, without checksums. */
export function lz4Stored(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Bytes(true).u32(0x184d2204).raw([0x60, 0x40, 0x00])
  for (const part of parts) out.u32((0x80000000 | part.length) >>> 0).raw(part)
  return out.u32(0).done()
}
