/** The part of dns-packet that the oracle test uses; the package brings no types. */
declare module 'dns-packet' {
  export interface Question {
    name: string
    type: string
  }

  export interface Answer extends Question {
    ttl: number
    data: unknown
  }

  export interface Message {
    type: 'query' | 'response'
    id: number
    flags: number
    questions: Question[]
    answers: Answer[]
    additionals?: Answer[]
  }

  export function encode(message: Message): Buffer
  export function decode(bytes: Uint8Array): Message & { rcode: string }
}
