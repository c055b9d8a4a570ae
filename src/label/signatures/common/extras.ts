/** Writes extras of a flow: fields of its record, by protocol. Allocates: call only after a match. */
import type { FieldsOf, ProtocolGroup, TextOf } from '../../../protocol-fields.ts'
import { packetString } from '../../../text.ts'
import type { Payload } from '../../inspect/payload.ts'

/** The payload's extras group `name`, created on first use. */
export function extraGroup<Group extends ProtocolGroup>(payload: Payload, name: Group): FieldsOf<Group> {
  const extras = payload.extras()
  let group = extras[name]
  if (group === undefined) {
    group = {}
    extras[name] = group
  }
  return group as FieldsOf<Group>
}

/** Sets one extras field of the flow unless an earlier packet has set it. */
export function setExtra<Group extends ProtocolGroup, Field extends keyof FieldsOf<Group>>(
  payload: Payload,
  group: Group,
  key: Field,
  value: NonNullable<FieldsOf<Group>[Field]>,
): void {
  const fields = extraGroup(payload, group)
  if (fields[key] === undefined) fields[key] = value
}

/** As setExtra(), with the packet's bytes at..end-1 as a safe string; empty strings are left out. */
export function setExtraText<Group extends ProtocolGroup>(
  payload: Payload,
  group: Group,
  key: TextOf<Group>,
  span: readonly [at: number, end: number],
): void {
  const end = Math.min(span[1], payload.end)
  if (span[0] >= end) return
  const fields: Record<string, unknown> = extraGroup(payload, group)
  if (fields[key] === undefined) fields[key] = packetString(payload.bytes, span[0], end)
}
