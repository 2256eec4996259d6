/** A verb that runs for the command line: progress and errors to standard error, and how its result or error leaves. */
import { createContext } from "../context.ts";
import { renderDocument, renderFailure } from "../report/outcome.ts";
import { coloured, plain, type Style } from "../report/style.ts";
import { createTalk } from "../report/talk.ts";
import type { CliContext } from "./context.ts";
import type { CommonFlags, ProgressMode, Verb } from "./verb.ts";

export async function runSession<Result, Format extends string = never>(
  cli: CliContext,
  flags: CommonFlags<Format>,
  verb: Verb<Result, Format>,
): Promise<void> {
  const { stdout, stderr, env } = cli.process;
  const talk = await createTalk(stderr, {
    ...flags,
    tasks: taskView(verb.progress ?? "quiet", stderr, env),
    style: styleFor(stderr, env),
  });
  const format = flags.json ? "json" : flags.format;
  const started = performance.now();
  const envelope = () => ({
    command: verb.command,
    subject: verb.subject,
    durationMs: performance.now() - started,
  });
  try {
    const result = await verb
      .run(createContext({ signal: cli.signal, report: talk.report, env }))
      .finally(() => talk.close());
    const filtered = format === "text" ? verb.filtered?.(result) : undefined;
    if (filtered !== undefined) stdout.write(filtered);
    const reader = filtered === undefined ? stdout : stderr;
    const text =
      format === "json"
        ? renderDocument(envelope(), verb.document(result))
        : format === "text"
          ? verb.text(result, styleFor(reader, env))
          : await verb.formats?.[format](result);
    if (text !== undefined && text !== "") reader.write(`${text.trimEnd()}\n`);
    cli.process.exitCode = verb.exitCode(result);
  } catch (error) {
    const failure = renderFailure(error, { verbose: flags.verbose, style: styleFor(stderr, env) });
    if (format === "json")
      stdout.write(`${renderDocument(envelope(), { error: failure.document })}\n`);
    stderr.write(`${failure.text}\n`);
    cli.process.exitCode = failure.exitCode;
  }
}

function taskView(
  mode: ProgressMode,
  stream: NodeJS.WriteStream,
  env: Readonly<Record<string, string>>,
): "live" | "lines" | "none" {
  if (mode !== "auto") return mode === "plain" ? "lines" : "none";
  const isScreen = stream.isTTY && env["TERM"] !== "dumb" && (env["CI"] ?? "") === "";
  return isScreen ? "live" : "lines";
}

function styleFor(stream: NodeJS.WriteStream, env: Readonly<Record<string, string>>): Style {
  const isColoured =
    (env["FORCE_COLOR"] ?? "0") !== "0" || (stream.isTTY && (env["NO_COLOR"] ?? "") === "");
  return isColoured ? coloured : plain;
}
