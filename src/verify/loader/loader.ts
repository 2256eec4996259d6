/** The loader of a program, whichever it is, with what it learned of an image kept for the next program. */
import type { Container } from "../container.ts";
import type { Dynamic, Running } from "../start/outcome.ts";
import { loaderKind } from "./flavour.ts";
import { loadWithGlibc, openWithGlibc } from "./glibc.ts";
import type { Found } from "./glibc-search.ts";
import { type Load, programObject } from "./load.ts";
import { loadWithMusl, openWithMusl } from "./musl.ts";

export interface Loader {
  /** Loads what the kernel started; `trace` is told each step. */
  load(running: Running, trace?: (line: string) => void): Load;
  /** Opens a module, by its path, in what the kernel started; `undefined` where that has no loader that is known. */
  open(running: Running, module: string): Load | undefined;
}

export function createLoader(container: Container): Loader {
  // What cache and default directories give depends on the loader and on the machine of the process.
  const kept = new Map<string, Map<string, Found>>();
  const sharedOf = ({ interpreter, elf }: Running) => {
    const key = `${interpreter?.path}:${elf.machine}:${elf.bits}`;
    const shared = kept.get(key) ?? new Map<string, Found>();
    kept.set(key, shared);
    return shared;
  };
  return {
    load(running, trace) {
      const { interpreter } = running;
      const told = trace === undefined ? {} : { trace };
      if (interpreter === undefined) return withoutLoader(running);
      const dynamic = { ...running, interpreter };
      switch (kindOf(dynamic)) {
        case "glibc":
          return loadWithGlibc(dynamic, { container, shared: sharedOf(running), ...told });
        case "musl":
          return loadWithMusl(dynamic, { container, ...told });
        case undefined:
          return unknownLoader(dynamic);
      }
    },
    open(running, module) {
      const { interpreter } = running;
      if (interpreter === undefined) return undefined;
      const dynamic = { ...running, interpreter };
      switch (kindOf(dynamic)) {
        case "glibc":
          return openWithGlibc(dynamic, module, { container, shared: sharedOf(running) });
        case "musl":
          return openWithMusl(dynamic, module, { container });
        case undefined:
          return undefined;
      }
    },
  };
}

function kindOf({ elf, interpreter }: Running): ReturnType<typeof loaderKind> {
  return loaderKind(elf.interpreter ?? "") ?? loaderKind(interpreter?.path ?? "");
}

/** Linked statically, or a loader that was started as a program. */
function withoutLoader(running: Running): Load {
  return { loader: "none", objects: [programObject(running)], problems: [], unproven: [] };
}

function unknownLoader(running: Dynamic): Load {
  const { located, interpreter } = running;
  const unproven = [
    `${located.path} is started by the loader ${interpreter.path}, whose rules are not known here.`,
  ];
  return { ...withoutLoader(running), unproven };
}
