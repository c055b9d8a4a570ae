/** How many sessions are open, as a live run counts them: those that have not ended have no record yet. */
import type { PageData } from '../report/page-data.ts'
import { createZoom } from './chart.ts'
import { type ConcurrencyChart, createConcurrencyChart } from './concurrency.ts'
import { h, section } from './dom.ts'
import type { Part } from './lists.ts'

export function createOpen(first: PageData): Part {
  const zoom = createZoom(0, 1)
  const holder = h('div')
  const note = h(
    'p',
    { class: 'note' },
    'Over all pools, at each stats record; a session gets its record when it ends.',
  )
  const element = section('open', 'Open sessions', holder, note)
  let chart: ConcurrencyChart | undefined

  function update(data: PageData): void {
    element.hidden = data.open === undefined
    if (data.open === undefined) return
    zoom.extend(data.base + (data.open.course?.at[0] ?? 0), data.base + data.to)
    if (chart === undefined) {
      chart = createConcurrencyChart('Open sessions over time', zoom, { data, pool: data.open })
      holder.append(chart.element)
    } else chart.show(data, data.open)
  }

  update(first)
  return { element, update }
}
