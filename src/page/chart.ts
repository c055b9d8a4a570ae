/**
 * Common parts of the charts: a uPlot chart that adapts to the width, the colour scheme and printing, a zoom that two
 * charts share, a readout for screen readers, and the keys.
 */
import uPlot from 'uplot'
import type { Certainty } from '../types.ts'
import { fill, h } from './dom.ts'
import { timeText } from './format.ts'

export interface Palette {
  text: string
  muted: string
  grid: string
  accent: string
  soft: string
  peak: string
  card: string
  fills: Readonly<Record<Certainty, string>>
}

/** Distinguishable with red-green colour blindness; certainty is also shown by patterns. */
const LIGHT: Palette = {
  text: '#1b2430',
  muted: '#566273',
  grid: '#e3e8ee',
  accent: '#0b62a4',
  soft: 'rgba(11, 98, 164, 0.16)',
  peak: '#b3470c',
  card: '#ffffff',
  fills: { confirmed: '#0b62a4', likely: '#4d9bd6', possible: '#c98500', unknown: '#8a94a0' },
}
const DARK: Palette = {
  text: '#e7ecf2',
  muted: '#9fadbb',
  grid: '#2a3541',
  accent: '#6db7f5',
  soft: 'rgba(109, 183, 245, 0.2)',
  peak: '#ff9f5a',
  card: '#171f29',
  fills: { confirmed: '#8fcbff', likely: '#4a96d4', possible: '#e0a63c', unknown: '#8795a3' },
}
const PRINT_WIDTH = 680
const MIN_WIDTH = 280
const AXIS_FONT = '12px system-ui, sans-serif'
const DAY = 86_400

let printing = false
const repaints = new Set<() => void>()
const dark = matchMedia('(prefers-color-scheme: dark)')

function repaintAll(): void {
  for (const repaint of repaints) repaint()
}

function setPrinting(now: boolean): void {
  printing = now
  repaintAll()
}

dark.addEventListener('change', repaintAll)
addEventListener('beforeprint', () => setPrinting(true))
addEventListener('afterprint', () => setPrinting(false))

/** The span of time that is shown; charts of one pool share it. */
export interface Zoom {
  readonly from: number
  readonly to: number
  readonly zoomed: boolean
  /** Without an argument: the whole span. */
  set(part?: { from: number; to: number }): void
  /** Sets a new whole span, after an update. */
  extend(from: number, to: number): void
  listen(changed: () => void): void
}

export function createZoom(from: number, to: number): Zoom {
  let whole = widened(from, to)
  let part: { from: number; to: number } | undefined
  const listeners: (() => void)[] = []
  return {
    get from() {
      return part?.from ?? whole.from
    },
    get to() {
      return part?.to ?? whole.to
    },
    get zoomed() {
      return part !== undefined
    },
    set(next) {
      const all =
        next === undefined || (next.from <= whole.from && next.to >= whole.to) || next.to <= next.from
      if (all && part === undefined) return
      part = all ? undefined : next
      for (const changed of listeners) changed()
    },
    extend(nextFrom, nextTo) {
      whole = widened(nextFrom, nextTo)
    },
    listen: (changed) => listeners.push(changed),
  }
}

/** A chart needs a minimum span of time, and a margin for what ends at its edge. */
function widened(from: number, to: number): { from: number; to: number } {
  const margin = Math.max((to - from) * 0.01, 0.5)
  return { from: from - margin, to: to + margin }
}

export interface FrameOptions {
  /** Describes the chart to screen readers. */
  label: string
  height(): number
  options(palette: Palette): Omit<uPlot.Options, 'width' | 'height'>
  data(): uPlot.AlignedData
  zoom: Zoom
  /** A key that is not the frame's own. */
  key?(event: KeyboardEvent, plot: uPlot): void
}

export interface Frame {
  element: HTMLElement
  /** Draws anew from the data. */
  repaint(): void
  /** Shows and announces what is under the cursor. */
  announce(text: string): void
  plot(): uPlot | undefined
}

export function createFrame(options: FrameOptions): Frame {
  const { zoom } = options
  const holder = h('div', { class: 'plot' })
  const readout = h('p', { class: 'readout', 'aria-live': 'polite' })
  const reset = h(
    'button',
    { type: 'button', class: 'quiet', hidden: true, onclick: () => zoom.set() },
    'Show all',
  )
  const keys = 'Arrow keys move, plus and minus zoom, Escape shows all'
  const stage = h(
    'div',
    {
      class: 'stage',
      tabindex: 0,
      role: 'group',
      'aria-roledescription': 'chart',
      'aria-label': `${options.label}. ${keys}.`,
    },
    holder,
  )
  let plot: uPlot | undefined

  function repaint(): void {
    const width = printing ? PRINT_WIDTH : Math.max(MIN_WIDTH, holder.clientWidth)
    const cursor = plot?.cursor
    plot?.destroy()
    const palette = dark.matches && !printing ? DARK : LIGHT
    plot = new uPlot({ ...options.options(palette), width, height: options.height() }, options.data(), holder)
    plot.root.setAttribute('aria-hidden', 'true')
    if (cursor !== undefined && (cursor.left ?? -1) >= 0)
      plot.setCursor({ left: cursor.left ?? 0, top: cursor.top ?? 0 })
    reset.hidden = !zoom.zoomed
  }

  function onKey(event: KeyboardEvent): void {
    if (plot === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const zooms = event.key === '+' || event.key === '-'
    if (event.key === 'Escape') zoom.set()
    else if (zooms) zoomAround(plot, zoom, event.key === '+')
    else options.key?.(event, plot)
    if (zooms) event.preventDefault()
  }

  stage.addEventListener('keydown', onKey)
  zoom.listen(repaint)
  repaints.add(repaint)
  let drawnWidth = 0
  new ResizeObserver(() => {
    if (printing || holder.clientWidth === drawnWidth) return
    drawnWidth = holder.clientWidth
    repaint()
  }).observe(holder)
  return {
    element: h('div', { class: 'chart' }, stage, h('div', { class: 'under' }, readout, reset)),
    repaint,
    announce: (text) => fill(readout, text),
    plot: () => plot,
  }
}

function zoomAround(plot: uPlot, zoom: Zoom, closer: boolean): void {
  const span = (zoom.to - zoom.from) * (closer ? 0.5 : 2)
  const left = plot.cursor.left ?? -1
  const middle = left >= 0 ? plot.posToVal(left, 'x') : (zoom.from + zoom.to) / 2
  zoom.set({ from: middle - span / 2, to: middle + span / 2 })
}

/** The axis of time, the scale and what a drag of the mouse does, for both charts. */
export function timeOptions(
  palette: Palette,
  zoom: Zoom,
): { axis: uPlot.Axis; scale: uPlot.Scale; hook(u: uPlot): void } {
  return {
    axis: {
      stroke: palette.muted,
      grid: { stroke: palette.grid, width: 1 },
      ticks: { stroke: palette.grid, width: 1 },
      font: AXIS_FONT,
      size: 44,
      space: 90,
      values: (_, splits) => axisTexts(splits),
    },
    scale: { time: true, auto: false, range: () => [zoom.from, zoom.to] },
    hook(plot) {
      const { left, width } = plot.select
      if (width <= 0) return
      zoom.set({ from: plot.posToVal(left, 'x'), to: plot.posToVal(left + width, 'x') })
    },
  }
}

/** The axis of numbers or slots. */
export function sideAxis(palette: Palette, more: Partial<uPlot.Axis>): uPlot.Axis {
  return {
    stroke: palette.muted,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { stroke: palette.grid, width: 1 },
    font: AXIS_FONT,
    size: 56,
    ...more,
  }
}

/** Times as far as they differ; the date where it begins or changes. */
function axisTexts(splits: readonly number[]): string[] {
  const step = splits.length > 1 ? splits[1] - splits[0] : 1
  const decimals = step < 0.1 ? 3 : step < 1 ? 1 : 0
  let date = ''
  return splits.map((split) => {
    const text = timeText(split + 1e-6, decimals)
    const [day, clock] = text.split(' ')
    const shown = step >= DAY ? day : step >= 60 ? clock.slice(0, 5) : clock
    if (day === date || step >= DAY) return shown
    date = day
    return `${shown}\n${day}`
  })
}

/** The scale of time is that of UTC. */
export function utc(seconds: number): Date {
  return uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC')
}
