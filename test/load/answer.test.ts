/** Answers are read the same whatever pieces they come in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, answerReader, type Progress } from "./answer.ts";

type Row = readonly [title: string, text: string, Progress, Answer | undefined];
const ok = "HTTP/1.1 200 OK\r\n";
const kept = { status: 200, isKept: true };
const ending = { status: 200, isKept: false };

const rows: readonly Row[] = [
  [
    "a length",
    `${ok}X-Release: 7 \r\ncontent-length: 3\r\n\r\nabc`,
    "done",
    { ...kept, release: "7" },
  ],
  ["no body", `HTTP/1.1 204 No Content\r\n\r\n`, "done", { status: 204, isKept: true }],
  [
    "no reason phrase",
    "HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n",
    "done",
    { status: 503, isKept: true },
  ],
  ["less than its length", `${ok}Content-Length: 4\r\n\r\nabc`, "more", kept],
  ["more than its length", `${ok}Content-Length: 2\r\n\r\nabc`, "broken", kept],
  [
    "chunks",
    `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n`,
    "done",
    kept,
  ],
  ["a trailer", `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\nSum: 1\r\n\r\n`, "done", kept],
  ["no last chunk", `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`, "more", kept],
  ["no chunk", `${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, "broken", kept],
  [
    "an interim answer",
    `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${ok}Content-Length: 0\r\n\r\n`,
    "done",
    kept,
  ],
  [
    "the server's wish to close",
    `${ok}Connection: Close\r\nContent-Length: 0\r\n\r\n`,
    "done",
    ending,
  ],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "done", ending],
  ["no length", `${ok}\r\nabc`, "more", ending],
  ["half a head", `${ok}Content-Le`, "more", undefined],
  ["another protocol", "SSH-2.0-x\r\n\r\n", "broken", undefined],
];

for (const [title, text, progress, answer] of rows) {
  test(`an answer with ${title} is ${progress}, whole and byte by byte`, () => {
    const [whole, slowly] = [answerReader(), answerReader()];
    assert.equal(whole.read(Buffer.from(text)), progress);
    assert.deepEqual(whole.answer, answer);
    const states = text.split("").map((byte) => slowly.read(Buffer.from(byte)));
    assert.equal(states.at(-1), progress);
    assert.deepEqual(slowly.answer, answer);
  });
}

test("an end ends an answer without a length, and breaks any other", () => {
  const [open, measured, nothing] = [answerReader(), answerReader(), answerReader()];
  open.read(Buffer.from(`${ok}\r\nabc`));
  measured.read(Buffer.from(`${ok}Content-Length: 4\r\n\r\nabc`));
  assert.deepEqual([open.end(), measured.end(), nothing.end()], ["done", "broken", "broken"]);
  assert.deepEqual([measured.hasBegun, nothing.hasBegun], [true, false]);
});

test("a head has a limit", () => {
  assert.equal(answerReader().read(Buffer.from(`${ok}X: ${"y".repeat(70_000)}`)), "broken");
});
