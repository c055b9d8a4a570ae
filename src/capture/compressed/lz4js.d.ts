/** The part of lz4js that is used; the package brings no types. */
declare module 'lz4js' {
  /** Decodes one block into `into` from `at` on, matches reaching back into what stands before; returns the end. Checks nothing. */
  export function decompressBlock(
    block: Uint8Array,
    into: Uint8Array,
    blockAt: number,
    blockLength: number,
    at: number,
  ): number
}
