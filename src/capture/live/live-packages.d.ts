/** What the live sources use of two packages that may be missing: koffi (system calls) and cap (libpcap). */

declare module 'koffi' {
  interface NativeFunction {
    (...args: unknown[]): unknown
    /** Runs on a thread of its own; the last argument is the callback. */
    async(...args: unknown[]): void
  }
  interface Library {
    func(prototype: string): NativeFunction
  }
  /** null: the running program, and with it the C library. */
  export function load(path: string | null): Library
  /** The memory itself, not a copy. */
  export function view(address: number | bigint, bytes: number): ArrayBuffer
  /** Of the memory of a typed array. */
  export function address(memory: Uint8Array): bigint
  export function errno(): number
  export const os: { errno: Record<string, number> }
}

declare module 'cap' {
  const cap: unknown
  export default cap
}
