/** `flowhawk schema [record]`: prints the JSON Schema of one record, or of all. */
import { UsageError } from '../errors.ts'
import { allRecordsSchema, recordSchema, SCHEMA_NAMES } from '../report/record/schema.ts'
import type { Command } from './command.ts'
import { DONE } from './errors.ts'
import { STDOUT } from './screen.ts'

export const schema: Command = {
  positionals: '[record]',
  describe: `Prints the JSON Schema (2020-12) of one record, or of all: ${SCHEMA_NAMES.join(', ')}.`,
  flags: {},
  examples: [['flowhawk schema flow', 'the schema of flow records']],
  words: async () => SCHEMA_NAMES,
  async run(flags, screen) {
    const words = Array.isArray(flags.input) ? flags.input.map(String) : []
    const name = SCHEMA_NAMES.find((each) => each === words[0])
    if (words.length > 1 || (words.length === 1 && name === undefined)) {
      const what = `found ${JSON.stringify(words.join(' '))}, expected at most one of ${SCHEMA_NAMES.join(', ')}`
      throw new UsageError('SCHEMA_RECORD', 'schema', what)
    }
    const document = name === undefined ? allRecordsSchema() : recordSchema(name)
    screen.write(STDOUT, `${JSON.stringify(document, null, 2)}\n`)
    return DONE
  },
}
