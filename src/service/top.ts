/**
 * The screen of the live view. In: lines to show, and key presses. Promised: the terminal is restored at every end of
 * the process that can be caught, and while it is stopped by Ctrl-Z; a terminal that is slow or stopped blocks nothing:
 * a frame is dropped while the one before it is not written yet. Not supported: mouse.
 */
import { write, writeSync } from 'node:fs'
import process from 'node:process'
import type { ReadStream, WriteStream } from 'node:tty'

/** Alternate screen, no cursor, no wrapping of lines. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const REST_OF_LINE = '\u001b[K'
const REST_OF_SCREEN = '\u001b[J'
const CTRL_C = '\u0003'
const CTRL_Z = '\u001a'
const CONTINUE_CHECK_MS = 100
const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24

export interface TopEvents {
  /** A key, one character. */
  key(character: string): void
  /** Ctrl-C: with the terminal in raw mode it is no signal. */
  interrupt(): void
  /** The size changed, or the process was continued after a stop. */
  resized(): void
}

export class TopScreen {
  readonly #input: ReadStream
  readonly #output: WriteStream & { fd: number }
  readonly #events: TopEvents
  #open = false
  #closed = false
  #writing = false

  constructor(input: ReadStream, output: WriteStream & { fd: number }, events: TopEvents) {
    this.#input = input
    this.#output = output
    this.#events = events
  }

  get size(): { columns: number; rows: number } {
    const [columns, rows] = this.#output.getWindowSize()
    // A serial line does not know its size.
    return { columns: columns || DEFAULT_COLUMNS, rows: rows || DEFAULT_ROWS }
  }

  /** The input is a terminal; anything else is not read. */
  get hasKeys(): boolean {
    return this.#input.isTTY === true
  }

  open(): void {
    this.#enter()
    process.on('exit', this.#leave)
    process.on('SIGCONT', this.#onContinue)
    this.#output.on('resize', this.#events.resized)
    if (this.hasKeys) this.#input.on('data', this.#onInput)
  }

  draw(lines: readonly string[]): void {
    if (this.#writing || !this.#open) return
    this.#writing = true
    const text = lines.map((line) => line + REST_OF_LINE).join('\n')
    this.#write(Buffer.from(HOME + text + REST_OF_SCREEN), 0)
  }

  close(): void {
    this.#closed = true
    this.#leave()
    process.removeListener('exit', this.#leave)
    process.removeListener('SIGCONT', this.#onContinue)
    this.#output.removeListener('resize', this.#events.resized)
    if (!this.hasKeys) return
    this.#input.removeListener('data', this.#onInput)
    // Otherwise the process would wait for another key.
    this.#input.pause()
    this.#input.unref()
  }

  #write(bytes: Buffer, from: number): void {
    write(this.#output.fd, bytes, from, (error, written) => {
      // What the terminal does not accept now is drawn again with the next frame.
      if (error === null && from + written < bytes.length) this.#write(bytes, from + written)
      else this.#writing = false
    })
  }

  #enter(): void {
    this.#open = true
    this.#setRaw(true)
    this.#writeControl(ENTER)
  }

  readonly #leave = (): void => {
    if (!this.#open) return
    this.#open = false
    this.#writeControl(LEAVE)
    this.#setRaw(false)
  }

  readonly #onContinue = (): void => {
    if (this.#open || this.#closed) return
    this.#enter()
    this.#events.resized()
  }

  readonly #onInput = (data: Buffer | string): void => {
    for (const character of data.toString()) {
      if (character === CTRL_C) this.#events.interrupt()
      else if (character === CTRL_Z) {
        this.#leave()
        process.kill(process.pid, 'SIGTSTP')
        // Without a shell that could continue it the kernel does not stop it (orphaned process groups, setpgid(2)).
        setTimeout(this.#onContinue, CONTINUE_CHECK_MS)
      } else this.#events.key(character)
    }
  }

  #setRaw(on: boolean): void {
    try {
      if (this.hasKeys) this.#input.setRawMode(on)
    } catch {
      // The terminal has gone.
    }
  }

  #writeControl(text: string): void {
    try {
      writeSync(this.#output.fd, text)
    } catch {
      // The terminal has gone, or accepts nothing now.
    }
  }
}
