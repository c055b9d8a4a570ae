/**
 * The page of `report` and `serve`, in the browser. In: the data embedded in the document, and for a dashboard what the
 * server sends later. Out: the document's content. Promised: text of captures never becomes markup; nothing is fetched
 * except the events of a dashboard. State (order, search, zoom, choice) outlives an update.
 */
import type { PageData } from '../report/overview/page-data.ts'
import { type Child, fill, h } from './dom.ts'
import { createEvidenceDialog } from './evidence.ts'
import { byteText, durationText, grouped, timeAfter, timeText } from './format.ts'
import { createFlows, createHosts, createLabels, createMethod, createNotices, type Part } from './lists.ts'
import { listen } from './live.ts'
import { createOpen } from './open.ts'
import { createPools } from './pools.ts'
import { createSessionSection } from './sessions.ts'

const SECTIONS = [
  ['pools', 'Pools'],
  ['sessions', 'Sessions'],
  ['labels', 'Labels'],
  ['hosts', 'Hosts'],
  ['flows', 'Flows'],
  ['notices', 'Notices'],
  ['method', 'Method'],
] as const

function start(): void {
  const root = document.getElementById('page')
  const text = document.getElementById('data')?.textContent
  if (root === null || !text) return
  let data: PageData = JSON.parse(text)
  const dialog = createEvidenceDialog()
  const openSession = (session: number) => dialog.session(data, session)
  const head = createHead(data)
  const sessions = createSessionSection(data, openSession)
  const parts: Part[] = [
    head,
    createOpen(data, sessions.listOpen),
    createPools(data, { open: openSession, listAtPeak: sessions.listAtPeak }),
    sessions,
    createLabels(data),
    createHosts(data),
    createFlows(data, (flow) => dialog.flow(data, flow)),
    createNotices(data),
    createMethod(data),
  ]
  const nav = h(
    'nav',
    { 'aria-label': 'Sections' },
    ...SECTIONS.map(([id, name]) => h('a', { href: `#${id}` }, name)),
  )
  const state = h('p', { class: 'state', role: 'status', hidden: !data.live })
  fill(
    root,
    head.element,
    state,
    nav,
    h('main', {}, ...parts.slice(1).map(({ element }) => element)),
    dialog.element,
  )
  openLinked(data, openSession)
  addEventListener('hashchange', () => openLinked(data, openSession))
  if (data.live) {
    listen(state, (next) => {
      data = next
      for (const part of parts) part.update(data)
    })
  }
}

/** A link to a session opens its evidence. */
function openLinked({ sessions }: PageData, open: (session: number) => void): void {
  const id = /^#session-([0-9a-f]{1,32})$/.exec(location.hash)?.[1]
  const session = id === undefined ? -1 : sessions.id.indexOf(id)
  if (session >= 0) open(session)
}

function createHead(first: PageData): Part {
  const element = h('header')
  const update = (data: PageData) => fill(element, ...headContent(data))
  update(first)
  return { element, update }
}

function headContent(data: PageData): Child[] {
  const from = data.base + data.from
  const { packets, bytes, flows, sessions } = data.totals
  const span = `${timeText(from)} to ${timeAfter(data.base + data.to, from)} UTC (${durationText(data.to - data.from)})`
  const figure = (value: string, name: string) =>
    h('div', { class: 'figure' }, h('span', { class: 'value' }, value), h('span', {}, name))
  const [first, ...more] = data.answers
  return [
    h('p', { class: 'brand' }, h('b', {}, 'flowhawk'), ` ${data.live ? 'live' : 'report'}: ${data.title}`),
    h('h1', {}, ...unbroken(first?.sentence ?? 'Nothing yet.')),
    ...more.map(({ sentence }) => h('p', { class: 'answer' }, ...unbroken(sentence))),
    h('p', { class: 'span' }, flows + sessions === 0 ? '' : span),
    h(
      'div',
      { class: 'figures' },
      figure(grouped(sessions), sessions === 1 ? 'session' : 'sessions'),
      figure(grouped(flows), flows === 1 ? 'flow' : 'flows'),
      figure(grouped(packets), packets === 1 ? 'packet' : 'packets'),
      figure(byteText(bytes), 'on the wire'),
      ...(data.now === undefined
        ? []
        : [
            figure(grouped(data.now.sessions), 'sessions open now'),
            figure(grouped(data.now.flows), 'flows open now'),
          ]),
    ),
    sourceList(data),
  ]
}

/** Dates and times stay in one line. */
function unbroken(sentence: string): Child[] {
  return sentence
    .split(/(\d{4}-\d\d-\d\d [\d:.]+|\d\d:\d\d:\d\d UTC)/)
    .map((part, i) => (i % 2 === 0 ? part : h('span', { class: 'nowrap' }, part)))
}

function sourceList({ sources, sourcesTotal }: PageData): HTMLElement | undefined {
  if (sources.length === 0) return undefined
  const items = sources.map(({ name, detail }) =>
    h('li', {}, h('b', {}, name), detail === '' ? '' : ` ${detail}`),
  )
  if (sources.length === 1) return h('ul', { class: 'sources' }, ...items)
  const rest =
    sourcesTotal > sources.length
      ? h('li', {}, `and ${grouped(sourcesTotal - sources.length)} more`)
      : undefined
  return h(
    'details',
    { class: 'sources' },
    h('summary', {}, `${grouped(sourcesTotal)} inputs`),
    h('ul', {}, ...items, rest),
  )
}

start()
