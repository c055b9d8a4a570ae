/** The bytes of an input that holds text beside captures, such as records: decompressed where gzip, zstd or lz4 hold them. */
import { InputError } from '../errors.ts'
import { safeText } from '../text.ts'
import { DecompressError, sniffCompression } from './compressed/compression.ts'
import { decompressor } from './compressed/decompress.ts'
import { readerOf } from './open.ts'
import { Window } from './window.ts'

const CHUNK_BYTES = 65_536

/**
 * `path`: "-" for standard input. Throws InputError where the input cannot be read, and at a fault in its compression
 * once everything before that was delivered.
 */
export async function* plainBytes(path: string): AsyncGenerator<Buffer, void, undefined> {
  let window = new Window(await readerOf(path), CHUNK_BYTES)
  try {
    const compression = await sniffCompression(window)
    if (compression !== undefined) window = new Window(await decompressor(window, compression), CHUNK_BYTES)
    for (; await window.need(1); window.at = window.end)
      yield Buffer.from(window.bytes.slice(window.at, window.end))
    if (window.failure !== undefined) throw faultOf(path, window.failure)
  } catch (error) {
    throw error instanceof DecompressError ? faultOf(path, error.failure) : error
  } finally {
    await window.close()
  }
}

function faultOf(path: string, { code, reason }: { code: string; reason: string }): InputError {
  return new InputError(code, safeText(path), reason)
}
