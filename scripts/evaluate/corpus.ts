/** Where the captures to compare with lie, and the form in which the oracle's counts can be compared. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Corpus {
  root: string
  /** A folder for what is made on the way. */
  scratch: string
}

const CAPTURE_NAME = /\.(pcap|pcapng|cap|ntar)(\.gz)?$/

/** Captures below a folder, sorted, as paths relative to it. */
export function capturesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => CAPTURE_NAME.test(name))
    .sort()
}

/**
 * A copy in which every packet's original length is its captured length, so that bytes on the wire are bytes in
 * the file, as the oracle counts them. The path itself where nothing is cut.
 */
export function uncut(corpus: Corpus, path: string): string {
  const bytes = readFileSync(path)
  const changed =
    bytes.length < 24 ? 0 : bytes.readUInt32BE(0) === 0x0a0d0d0a ? uncutPcapng(bytes) : uncutPcap(bytes)
  if (changed === 0) return path
  const copy = join(corpus.scratch, `uncut-${path.replaceAll(/[^\w.-]/g, '_')}`)
  writeFileSync(copy, bytes)
  return copy
}

function uncutPcap(bytes: Buffer): number {
  const magic = bytes.readUInt32LE(0)
  const little = [0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34].includes(magic)
  const modified = magic === 0xa1b2cd34 || bytes.readUInt32BE(0) === 0xa1b2cd34
  const headerBytes = modified ? 24 : 16
  let changed = 0
  for (let at = 24; at + headerBytes <= bytes.length; ) {
    const captured = little ? bytes.readUInt32LE(at + 8) : bytes.readUInt32BE(at + 8)
    if (bytes.compare(bytes, at + 8, at + 12, at + 12, at + 16) !== 0) changed++
    bytes.copy(bytes, at + 12, at + 8, at + 12)
    at += headerBytes + captured
  }
  return changed
}

const ENHANCED_PACKET = 6
const SECTION_HEADER = 0x0a0d0d0a

function uncutPcapng(bytes: Buffer): number {
  let little = true
  let changed = 0
  for (let at = 0; at + 28 <= bytes.length; ) {
    if (bytes.readUInt32BE(at) === SECTION_HEADER) little = bytes.readUInt32LE(at + 8) === 0x1a2b3c4d
    const type = little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
    const length = little ? bytes.readUInt32LE(at + 4) : bytes.readUInt32BE(at + 4)
    if (length < 12) break
    if (type === ENHANCED_PACKET) {
      if (bytes.compare(bytes, at + 20, at + 24, at + 24, at + 28) !== 0) changed++
      bytes.copy(bytes, at + 24, at + 20, at + 24)
    }
    at += length
  }
  return changed
}

/** A file of one JSON object a line. */
export function readLines<T>(path: string): T[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}
