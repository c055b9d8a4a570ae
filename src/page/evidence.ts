/** A dialog with the evidence of a session or flow, and the command that explains it in full. */
import type { PageData, Sentence } from '../report/overview/page-data.ts'
import type { Certainty } from '../types.ts'
import { type Child, fill, h } from './dom.ts'
import { byteText, counted, durationText, MARKS, timeText, words } from './format.ts'
import { isOpen, silence } from './rows.ts'

export interface EvidenceDialog {
  element: HTMLDialogElement
  session(data: PageData, session: number): void
  flow(data: PageData, flow: number): void
}

export function createEvidenceDialog(): EvidenceDialog {
  const body = h('div')
  const title = h('h2', { id: 'evidence-title' })
  const element = h(
    'dialog',
    { 'aria-labelledby': 'evidence-title' },
    h('form', { method: 'dialog' }, h('button', { class: 'close', 'aria-label': 'Close' }, '×')),
    title,
    body,
  )
  // A click beside the box closes it.
  element.addEventListener('click', (event) => {
    if (event.target === element) element.close()
  })

  function show(name: string, ...children: readonly Child[]): void {
    fill(title, name)
    fill(body, ...children)
    if (!element.open) element.showModal()
  }

  return {
    element,
    session(data, i) {
      const { sessions, base } = data
      const ids = sessions.flows[i].split(' ').filter(Boolean)
      show(
        `Session on slot ${sessions.slot[i]}`,
        facts([
          [
            'Client',
            sessions.client[i] + (sessions.moreClients[i] > 0 ? ` and ${sessions.moreClients[i]} more` : ''),
          ],
          ['Server', `${data.servers[sessions.server[i]]}, pool ${sessions.poolNames[sessions.pool[i]]}`],
          ['Time', `${timeText(base + sessions.start[i], 3)} to ${timeText(base + sessions.end[i], 3)} UTC`],
          ['Duration', durationText(sessions.end[i] - sessions.start[i])],
          ['Traffic', `${counted(sessions.packets[i], 'packet')}, ${byteText(sessions.bytes[i])} of IP`],
          isOpen(sessions, i)
            ? ['State', `open, last packet ${durationText(silence(sessions, i))} before`]
            : ['Ended', `${words(sessions.endReason[i])}${openText(sessions.open[i])}`],
          ['Certainty', certaintyMark(sessions.certainty[i])],
          ['Session', h('code', {}, sessions.id[i])],
          ['Flows', ids.length === 0 ? 'none named' : h('code', {}, ids.join(' '))],
        ]),
        evidenceList(sentencesOf(data, sessions.evidence[i]), isOpen(sessions, i)),
        command(data, `--session ${sessions.id[i]}`),
      )
    },
    flow(data, i) {
      const flow = data.flows[i]
      show(
        `Flow ${flow.id}`,
        facts([
          ['Client', flow.client],
          ['Server', `${flow.server} ${flow.transport}`],
          ['Host name', flow.hostname === '' ? undefined : flow.hostname],
          ['Begins', `${timeText(data.base + flow.start, 3)} UTC`],
          ['Duration', durationText(flow.seconds)],
          ['Traffic', `${counted(flow.packets, 'packet')}, ${byteText(flow.bytes)}`],
          ['Label', flow.label],
          ['Certainty', certaintyMark(flow.certainty)],
        ]),
        evidenceList(sentencesOf(data, flow.evidence)),
        command(data, `--flow ${flow.id}`),
      )
    },
  }
}

export function certaintyMark(certainty: Certainty): HTMLElement {
  return h(
    'span',
    { class: `certainty ${certainty}` },
    h('span', { 'aria-hidden': 'true' }, MARKS[certainty]),
    ` ${certainty}`,
  )
}

function openText(open: number): string {
  return [
    '',
    '; it was running when the capture began',
    '; it may have gone on after the capture',
    '; it was running at both ends of the capture',
  ][open]
}

function facts(pairs: readonly (readonly [name: string, value: Child])[]): HTMLElement {
  const known = pairs.filter(([, value]) => value !== undefined)
  return h('dl', {}, ...known.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]))
}

function sentencesOf({ evidence }: PageData, set: number): Sentence[] {
  return (evidence.sets[set] ?? []).map((place) => evidence.sentences[place])
}

function evidenceList(sentences: readonly Sentence[], open = false): HTMLElement {
  if (sentences.length === 0 && open)
    return h('p', {}, 'None of its flows has a record yet; their evidence comes with it.')
  if (sentences.length === 0)
    return h('p', {}, 'The records that this page was made from hold no evidence for it.')
  const items = sentences.map(({ source, says, for: label, weight }) =>
    h(
      'li',
      {},
      h('b', {}, source),
      ` ${says} `,
      h('span', { class: 'weight' }, `${weight > 0 ? '+' : ''}${weight} for ${label}`),
    ),
  )
  return h('div', {}, h('h3', {}, 'Evidence'), h('ul', { class: 'evidence' }, ...items))
}

/** Only if the source is a capture that can be read again. */
function command({ sources, live }: PageData, what: string): HTMLElement | undefined {
  if (live || sources.length !== 1 || !/^[\w./][\w./+@:-]*$/.test(sources[0].name)) return undefined
  return h(
    'p',
    { class: 'note' },
    'The whole story: ',
    h('code', {}, `flowhawk explain ${sources[0].name} ${what}`),
  )
}
