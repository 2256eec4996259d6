/** ENTRYPOINT, CMD, WORKDIR, USER and PATH as the engine reads them (runc, `libcontainer`; moby, `daemon/create.go`). */
import type { Case } from "../case.ts";
import { directory, fails, type Kit, linkTo, starts } from "../kit.ts";

export async function commandCases(kit: Kit): Promise<readonly Case[]> {
  const { one } = kit;
  const app = await kit.program({});
  const at =
    (path: string, config: Case["config"], truth = starts, files = {}) =>
    (name: string) =>
      one(name, [{ [path]: app, ...files }], truth, { config });
  const cases: Readonly<Record<string, (name: string) => Case>> = {
    "ENTRYPOINT and CMD": at("srv/app", { Entrypoint: ["/srv/app"], Cmd: ["--serve"] }),
    "CMD alone, by PATH": at("usr/local/bin/app", { Entrypoint: [], Cmd: ["app"] }),
    "by the PATH of the image": at("opt/bin/app", {
      Entrypoint: ["app"],
      Env: ["PATH=/usr/bin:/opt/bin"],
    }),
    "not in the PATH of the image": at(
      "usr/local/bin/app",
      { Entrypoint: ["app"], Env: ["PATH=/usr/bin:/opt/bin"] },
      fails('exec: "app": executable file not found in $PATH'),
    ),
    "an empty PATH": at(
      "usr/local/bin/app",
      { Entrypoint: ["app"], Env: ["PATH="] },
      fails('exec: "app": executable file not found in $PATH'),
    ),
    "an environment without PATH": at("usr/local/bin/app", {
      Entrypoint: ["app"],
      Env: ["LANG=C"],
    }),
    "a relative directory in PATH": at(
      "srv/bin/app",
      { Entrypoint: ["app"], Env: ["PATH=bin"], WorkingDir: "/srv" },
      fails('exec: "app"'),
    ),
    "an empty part of PATH": at(
      "srv/app",
      { Entrypoint: ["app"], Env: ["PATH=/usr/bin:"], WorkingDir: "/srv" },
      fails('exec: "app"'),
    ),
    "a file that may not be executed comes first in PATH": at(
      "usr/bin/app",
      { Entrypoint: ["app"], Env: ["PATH=/usr/local/bin:/usr/bin"] },
      starts,
      { "usr/local/bin/app": { content: "no program", mode: 0o644 } },
    ),
    "a directory of that name comes first in PATH": at(
      "usr/bin/app",
      { Entrypoint: ["app"], Env: ["PATH=/usr/local/bin:/usr/bin"] },
      starts,
      { "usr/local/bin/app": directory },
    ),
    "a file that may not be executed is all that PATH has": at(
      "srv/app",
      { Entrypoint: ["other"] },
      fails('exec: "other"'),
      { "usr/local/bin/other": { content: "no program", mode: 0o644 } },
    ),
    "a link in PATH": at("srv/app", { Entrypoint: ["app"] }, starts, {
      "usr/bin/app": linkTo("../../srv/app"),
    }),
    "a dangling link in PATH": at(
      "srv/app",
      { Entrypoint: ["app"] },
      fails('exec: "app": executable file not found in $PATH'),
      { "usr/bin/app": linkTo("../srv/app") },
    ),
    "a path from the working directory": at("srv/bin/app", {
      Entrypoint: ["./bin/app"],
      WorkingDir: "/srv",
    }),
    "a path from another working directory": at(
      "srv/bin/app",
      { Entrypoint: ["./bin/app"], WorkingDir: "/opt" },
      fails('exec: "./bin/app": stat ./bin/app: no such file or directory'),
    ),
    "an absolute path that is not there": at(
      "srv/app",
      { Entrypoint: ["/srv/apps"] },
      fails('exec: "/srv/apps": stat /srv/apps: no such file or directory'),
    ),
    "a directory": at(
      "srv/app",
      { Entrypoint: ["/srv"] },
      fails('exec: "/srv": permission denied'),
    ),
    "a link to itself": at(
      "srv/app",
      { Entrypoint: ["/srv/loop"] },
      fails('exec: "/srv/loop": stat /srv/loop: too many levels of symbolic links'),
      { "srv/loop": linkTo("loop") },
    ),
    "a link out of the root": at("srv/app", { Entrypoint: ["/bin/app"] }, starts, {
      "usr/bin/app": linkTo("../../../../../srv/app"),
    }),
    "below a file": at(
      "srv/app",
      { Entrypoint: ["/srv/app/bin"] },
      fails('exec: "/srv/app/bin": stat /srv/app/bin: not a directory'),
    ),
    "an empty name": at("srv/app", { Entrypoint: [""] }, fails("no command specified")),
    "nothing to start": at("srv/app", { Entrypoint: [] }, fails("no command specified")),
    "a working directory that is not there": at("srv/app", { WorkingDir: "/var/lib/app" }),
    "a working directory that is a file": at(
      "srv/app",
      { WorkingDir: "/srv/app" },
      fails("not a directory"),
    ),
    "a relative working directory": at(
      "srv/app",
      { WorkingDir: "srv" },
      fails("Cwd must be an absolute path"),
    ),
    "a user by name": at("srv/app", { User: "nobody" }),
    "a user and a group by name": at("srv/app", { User: "nobody:nogroup" }),
    "a user by number that passwd does not know": at("srv/app", { User: "1000:1000" }),
    "a user whom passwd does not know": at(
      "srv/app",
      { User: "app" },
      fails("unable to find user app: no matching entries in passwd file"),
    ),
    "a group that is not known": at(
      "srv/app",
      { User: "nobody:app" },
      fails("unable to find group app: no matching entries in group file"),
    ),
    "a user by name without passwd": (name) =>
      one(
        name,
        [{ "srv/app": app }],
        fails("unable to find user nobody: no matching entries in passwd file"),
        { base: "none", config: { User: "nobody" } },
      ),
    "the shell form": at("srv/app", { Entrypoint: [], Cmd: ["/bin/sh", "-c", "/srv/app --serve"] }),
    "the shell form, without a shell": (name) =>
      one(
        name,
        [{ "srv/app": app }],
        fails('exec: "/bin/sh": stat /bin/sh: no such file or directory'),
        { base: "none", config: { Entrypoint: ["/bin/sh", "-c", "/srv/app"] } },
      ),
    "the shell form, its program missing": at(
      "srv/app",
      { Entrypoint: [], Cmd: ["/bin/sh", "-c", "exec /srv/apps"] },
      fails("/srv/apps: not found"),
    ),
  };
  return Object.entries(cases).map(([name, make]) => make(name));
}
