/** A reporter for node's test runner that keeps only the totals, as one line of JSON, so that several runs can be added up. */
import type { TestEvent } from "node:test/reporters";

export default async function* totals(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    // The summary without a file is that of the whole run.
    if (event.type === "test:summary" && event.data.file === undefined) {
      yield `${JSON.stringify(event.data.counts)}\n`;
    }
  }
}
