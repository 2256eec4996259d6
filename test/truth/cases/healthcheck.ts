/** HEALTHCHECK: the engine runs it beside the program, so it must start as well; here it is started alone. */
import type { Case } from "../case.ts";
import { fails, type Kit, starts } from "../kit.ts";

function checked(Test: readonly string[], tries: readonly string[]): Partial<Case> {
  return { tries, config: { Healthcheck: { Test } } };
}

export async function healthcheckCases(kit: Kit): Promise<readonly Case[]> {
  const { one } = kit;
  const [program, foreign] = [await kit.program({}), await kit.other("arm64").program({})];
  const app = { "srv/app": program };
  const own = checked(["CMD", "/srv/check"], ["/srv/check"]);
  return [
    one("a health check", [{ ...app, "srv/check": program }], starts, own),
    one(
      "a health check that is not there",
      [app],
      fails('exec: "/srv/check": stat /srv/check: no such file or directory'),
      own,
    ),
    one(
      "a health check of another machine",
      [{ ...app, "srv/check": foreign }],
      fails("exec /srv/check: exec format error"),
      { ...own, runs: { without: "aarch64" } },
    ),
    one(
      "a health check that lacks a library",
      [
        {
          ...app,
          "srv/check": await kit.dynamic({ needed: ["libhello.so.1"], calls: ["hello"] }),
        },
      ],
      fails("error while loading shared libraries: libhello.so.1: cannot open shared object file"),
      own,
    ),
    one(
      "a health check of the shell",
      [app],
      starts,
      checked(["CMD-SHELL", "echo ready"], ["/bin/sh", "-c", "echo ready"]),
    ),
    one("a health check that is switched off", [app], starts, {
      config: { Healthcheck: { Test: ["NONE"] } },
    }),
    one(
      "a health check of the shell, without a shell",
      [app],
      fails('exec: "/bin/sh": stat /bin/sh: no such file or directory'),
      { base: "none", ...checked(["CMD-SHELL", "exit 0"], ["/bin/sh", "-c", "exit 0"]) },
    ),
  ];
}
