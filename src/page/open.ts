/** The number of open sessions over time, from the stats records of a live run; with open_session records also a list. */
import type { PageData } from '../report/overview/page-data.ts'
import { createZoom } from './chart.ts'
import { type ConcurrencyChart, createConcurrencyChart } from './concurrency.ts'
import { fill, h, section } from './dom.ts'
import { counted, grouped } from './format.ts'
import type { Part } from './lists.ts'

/** `list`: shows the open sessions in the table. */
export function createOpen(first: PageData, list: () => void): Part {
  const zoom = createZoom(0, 1)
  const holder = h('div')
  const note = h('p', { class: 'note' })
  const button = h('button', { type: 'button', onclick: list }, 'List the open sessions')
  const element = section('open', 'Open sessions', holder, note, h('p', {}, button))
  let chart: ConcurrencyChart | undefined

  function update(data: PageData): void {
    element.hidden = data.open === undefined
    if (data.open === undefined) return
    button.hidden = data.sessions.openLastPacket.length === 0
    fill(note, noteText(data, data.open.open))
    zoom.extend(data.base + (data.open.curve?.at[0] ?? 0), data.base + data.to)
    if (chart === undefined) {
      chart = createConcurrencyChart('Open sessions over time', zoom, { data, pool: data.open })
      holder.append(chart.element)
    } else chart.show(data, data.open)
  }

  update(first)
  return { element, update }
}

function noteText({ sessions: { openLastPacket } }: PageData, open: number): string {
  const counts = 'Over all pools, at each stats record.'
  if (open === 0) return counts
  if (openLastPacket.length === 0)
    return `${counts} The records do not tell which: they do with flowhawk live --records …,open_session.`
  if (openLastPacket.length < open)
    return `${counts} ${grouped(openLastPacket.length)} of ${counted(open, 'open session')} are listed and drawn.`
  return `${counts} They are listed and drawn with those that have ended.`
}
