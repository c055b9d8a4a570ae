/** Labels, hosts, flows, notices, what was not decoded, and how it was measured. */
import type { ByCertainty, PageData } from '../report/overview/page-data.ts'
import { fill, h, section } from './dom.ts'
import { certaintyMark } from './evidence.ts'
import { byteText, CERTAINTIES, counted, durationText, grouped, percent, timeText, words } from './format.ts'
import { createTable } from './table.ts'

const PAGE = 15

/** A section that can show later data. */
export interface Part {
  element: HTMLElement
  update(data: PageData): void
}

export function createLabels(first: PageData): Part {
  let data = first
  const note = h('p', { class: 'note' })
  const all = (of: 'bytes' | 'flows') =>
    Math.max(
      1,
      data.labels.reduce((total, label) => total + sum(label[of]), data.labelsRest[of]),
    )
  const share = (of: 'bytes' | 'flows', i: number) => sum(data.labels[i][of]) / all(of)
  const table = createTable({
    id: 'label-table',
    caption: 'Labels by bytes and by flows',
    noun: 'label',
    count: data.labels.length,
    pageSize: PAGE,
    sort: { column: 2, descending: true },
    text: (i) => `${data.labels[i].label} ${data.labels[i].category}`,
    columns: [
      { name: 'Label', key: (i) => data.labels[i].label, cell: (i) => h('b', {}, data.labels[i].label) },
      { name: 'Category', key: (i) => data.labels[i].category, cell: (i) => data.labels[i].category },
      {
        name: 'Bytes',
        numeric: true,
        key: (i) => sum(data.labels[i].bytes),
        cell: (i) => byteText(sum(data.labels[i].bytes)),
      },
      {
        name: 'of all bytes',
        key: (i) => share('bytes', i),
        cell: (i) => bar(data.labels[i].bytes, all('bytes')),
      },
      {
        name: 'Flows',
        numeric: true,
        key: (i) => sum(data.labels[i].flows),
        cell: (i) => grouped(sum(data.labels[i].flows)),
      },
      {
        name: 'of all flows',
        key: (i) => share('flows', i),
        cell: (i) => bar(data.labels[i].flows, all('flows')),
      },
      { name: 'Certainty (flows)', wraps: true, cell: (i) => certaintyText(data.labels[i].flows) },
    ],
  })
  const update = (next: PageData) => {
    data = next
    const { labels, flows, bytes } = data.labelsRest
    note.hidden = labels === 0
    note.textContent = `${counted(labels, 'more label')} with ${counted(flows, 'flow')} and ${byteText(bytes)} are not listed.`
    table.update(data.labels.length)
  }
  update(first)
  return { element: section('labels', 'Labels', table.element, note), update }
}

/** Shares of the whole, a stripe a certainty; the number beside it says the same. */
function bar(counts: ByCertainty, all: number): HTMLElement {
  const stripes = CERTAINTIES.map((certainty, i) => {
    const stripe = h('span', { class: certainty })
    stripe.style.width = `${(counts[i] / all) * 100}%`
    return stripe
  })
  return h(
    'span',
    { class: 'share' },
    h('span', { class: 'bar', 'aria-hidden': 'true' }, ...stripes),
    percent(sum(counts) / all),
  )
}

function certaintyText(flows: ByCertainty): HTMLElement {
  const present = CERTAINTIES.filter((_, i) => flows[i] > 0)
  if (present.length === 1) return certaintyMark(present[0])
  const parts = present.flatMap((certainty) => [
    certaintyMark(certainty),
    ` ${grouped(flows[CERTAINTIES.indexOf(certainty)])}  `,
  ])
  return h('span', {}, ...parts)
}

function sum(counts: ByCertainty): number {
  return counts[0] + counts[1] + counts[2] + counts[3]
}

export function createHosts(first: PageData): Part {
  let data = first
  const note = h('p', { class: 'note' })
  const table = createTable({
    id: 'host-table',
    caption: 'Busiest hosts',
    noun: 'host',
    count: data.hosts.length,
    pageSize: PAGE,
    sort: { column: 1, descending: true },
    text: (i) => data.hosts[i].ip,
    columns: [
      { name: 'Host', key: (i) => data.hosts[i].ip, cell: (i) => data.hosts[i].ip },
      {
        name: 'Bytes',
        numeric: true,
        key: (i) => data.hosts[i].bytes,
        cell: (i) => byteText(data.hosts[i].bytes),
      },
      {
        name: 'Packets',
        numeric: true,
        key: (i) => data.hosts[i].packets,
        cell: (i) => grouped(data.hosts[i].packets),
      },
      {
        name: 'Flows as client',
        numeric: true,
        key: (i) => data.hosts[i].flowsAsClient,
        cell: (i) => grouped(data.hosts[i].flowsAsClient),
      },
      {
        name: 'Flows as server',
        numeric: true,
        key: (i) => data.hosts[i].flowsAsServer,
        cell: (i) => grouped(data.hosts[i].flowsAsServer),
      },
    ],
  })
  const update = (next: PageData) => {
    data = next
    const about = data.hostsApproximate
      ? 'There were more hosts than are kept: the counts are lower bounds.'
      : ''
    note.textContent = `The ${grouped(data.hosts.length)} busiest of ${data.hostsApproximate ? 'more than ' : ''}${counted(data.hostsTotal, 'host')}. ${about}`
    table.update(data.hosts.length)
  }
  update(first)
  return { element: section('hosts', 'Busiest hosts', note, table.element), update }
}

export function createFlows(first: PageData, open: (flow: number) => void): Part {
  let data = first
  const of = (i: number) => data.flows[i]
  const table = createTable({
    id: 'flow-table',
    caption: 'Flows with the most bytes',
    noun: 'flow',
    count: data.flows.length,
    pageSize: PAGE,
    sort: { column: 5, descending: true },
    text: (i) =>
      `${of(i).client} ${of(i).server} ${of(i).label} ${of(i).hostname} ${of(i).id} ${of(i).certainty}`,
    columns: [
      { name: 'Client', key: (i) => of(i).client, cell: (i) => of(i).client },
      { name: 'Server', key: (i) => of(i).server, cell: (i) => `${of(i).server} ${of(i).transport}` },
      {
        name: 'Host name',
        wraps: true,
        key: (i) => of(i).hostname,
        cell: (i) => h('span', { class: 'long' }, of(i).hostname),
      },
      { name: 'Label', key: (i) => of(i).label, cell: (i) => h('b', {}, of(i).label) },
      {
        name: 'Certainty',
        key: (i) => CERTAINTIES.indexOf(of(i).certainty),
        cell: (i) => certaintyMark(of(i).certainty),
      },
      { name: 'Bytes', numeric: true, key: (i) => of(i).bytes, cell: (i) => byteText(of(i).bytes) },
      { name: 'Packets', numeric: true, key: (i) => of(i).packets, cell: (i) => grouped(of(i).packets) },
      {
        name: 'Duration',
        numeric: true,
        key: (i) => of(i).seconds,
        cell: (i) => durationText(of(i).seconds),
      },
      {
        name: 'Why',
        cell: (i) =>
          h(
            'button',
            {
              type: 'button',
              class: 'link',
              'aria-label': `Evidence of flow ${of(i).id}`,
              onclick: () => open(i),
            },
            'evidence',
          ),
      },
    ],
  })
  const update = (next: PageData) => {
    data = next
    table.update(data.flows.length)
  }
  return { element: section('flows', 'Busiest flows', table.element), update }
}

export function createNotices(first: PageData): Part {
  const list = h('ul', { class: 'notices' })
  const note = h('p', { class: 'note' })
  const update = (data: PageData) => {
    const items = data.notices.map(({ at, name, says }) =>
      h('li', {}, h('time', {}, `${timeText(data.base + at)} UTC`), ' ', h('b', {}, words(name)), ` ${says}`),
    )
    fill(list, ...(items.length > 0 ? items : [h('li', {}, 'None.')]))
    const more = data.noticesTotal - data.notices.length
    note.hidden = more <= 0
    note.textContent = `${counted(more, 'further notice')} not shown; the notice records have them all.`
  }
  update(first)
  return { element: section('notices', 'Notices', list, note), update }
}

export function createMethod(first: PageData): Part {
  const unseen = h('div')
  const list = h('dl', { class: 'method' })
  const update = (data: PageData) => {
    const rows = data.unseen.map(({ what, reason, packets }) =>
      h(
        'tr',
        {},
        h('td', {}, what),
        h('td', {}, words(reason)),
        h('td', { class: 'number' }, grouped(packets)),
      ),
    )
    const head = h(
      'tr',
      {},
      ...['', 'Reason', 'Packets'].map((name, i) =>
        h(i === 0 ? 'td' : 'th', i === 0 ? {} : { scope: 'col' }, name),
      ),
    )
    const total = data.unseen.reduce((packets, each) => packets + each.packets, 0)
    fill(
      unseen,
      h(
        'p',
        {},
        rows.length === 0
          ? 'Every packet that was read is in a flow.'
          : `${counted(total, 'packet')} of ${grouped(data.totals.packets)} are in no flow:`,
      ),
      rows.length === 0
        ? undefined
        : h(
            'table',
            { id: 'unseen-table' },
            h('caption', {}, 'Packets that are in no flow'),
            h('thead', {}, head),
            h('tbody', {}, ...rows),
          ),
    )
    fill(list, ...data.method.flatMap(([name, says]) => [h('dt', {}, name), h('dd', {}, says)]))
  }
  update(first)
  return {
    element: section(
      'method',
      'How it was measured',
      h('h3', {}, 'Not decoded'),
      unseen,
      h('h3', {}, 'Conditions'),
      list,
    ),
    update,
  }
}
