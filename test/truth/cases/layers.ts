/** What layers do to each other (OCI image-spec, layer.md): whiteouts, opaque directories, links, kinds that change. */
import type { Case } from "../case.ts";
import { directory, fails, hardLinkTo, type Kit, linkTo, starts } from "../kit.ts";

export async function layerCases(kit: Kit): Promise<readonly Case[]> {
  const { one, lib } = kit;
  const app = await kit.program({});
  const hello = await kit.library({ soname: "libhello.so.1", defines: ["hello"] });
  const needy = await kit.dynamic({
    needed: ["libhello.so.1"],
    calls: ["hello"],
    runpath: "/srv/lib",
  });
  const beside = { "srv/app": needy, "srv/lib/libhello.so.1": hello };
  const absent = fails(
    "error while loading shared libraries: libhello.so.1: cannot open shared object file: No such file or directory",
  );
  const gone = fails('exec: "/srv/app": stat /srv/app: no such file or directory');
  return [
    one("the program is deleted", [{ "srv/app": app }, { "srv/.wh.app": "" }], gone),
    one("the program's directory is deleted", [{ "srv/app": app }, { ".wh.srv": "" }], gone),
    one(
      "the program is deleted and laid down again",
      [{ "srv/app": "nothing" }, { "srv/.wh.app": "" }, { "srv/app": app }],
      starts,
    ),
    one(
      "an opaque directory hides what lay below it",
      [beside, { "srv/lib/.wh..wh..opq": "" }],
      absent,
    ),
    one(
      "an opaque directory keeps what its own layer brings",
      [
        { ...beside, "srv/lib/libhello.so.1": "nothing" },
        { "srv/lib/.wh..wh..opq": "", "srv/lib/libhello.so.1": hello },
      ],
      starts,
    ),
    one(
      "an opaque directory, filled again by a later layer",
      [beside, { "srv/lib/.wh..wh..opq": "" }, { "srv/lib/libhello.so.1": hello }],
      starts,
    ),
    one("a directory is replaced by a file", [beside, { "srv/lib": "a file" }], absent),
    one(
      "a directory is replaced by a file and by a directory again",
      [beside, { "srv/lib": "a file" }, { "srv/lib": directory }],
      absent,
    ),
    one(
      "a directory is replaced by a file, then filled again",
      [beside, { "srv/lib": "a file" }, { "srv/lib": directory, "srv/lib/libhello.so.1": hello }],
      starts,
    ),
    one(
      "a file is replaced by a link",
      [{ "srv/app": "nothing", "opt/app": app }, { "srv/app": linkTo("/opt/app") }],
      starts,
    ),
    one(
      "a link to a directory is replaced by a directory",
      [
        { "srv/app": needy, "opt/lib/libhello.so.1": hello, "srv/lib": linkTo("/opt/lib") },
        { "srv/lib": directory },
      ],
      absent,
    ),
    one(
      "a file below a link of a lower layer",
      [{ "opt/bin/old": "nothing", srv: linkTo("/opt/bin") }, { "opt/bin/app": app }],
      starts,
    ),
    one("a hard link in its layer", [{ "opt/app": app, "srv/app": hardLinkTo("opt/app") }], starts),
    one(
      "a hard link, its first name deleted later",
      [{ "opt/app": app, "srv/app": hardLinkTo("opt/app") }, { "opt/.wh.app": "" }],
      starts,
    ),
    one(
      "a hard link, its first name replaced later",
      [{ "opt/app": app, "srv/app": hardLinkTo("opt/app") }, { "opt/app": "nothing" }],
      starts,
    ),
    one(
      "a hard link to a symbolic link",
      [{ "opt/app": app, "opt/link": linkTo("/opt/app"), "srv/app": hardLinkTo("opt/link") }],
      starts,
    ),
    one("names that begin with ./", [{ "./srv/app": app }], starts),
    one("names that begin with a slash", [{ "/srv/app": app }], starts),
    one("a name with .. inside the root", [{ "srv/x/../app": app }], starts),
    one(
      "the execute bit is taken by a later layer",
      [{ "srv/app": app }, { "srv/app": { content: app, mode: 0o644 } }],
      fails("permission denied"),
    ),
    one(
      "a directory's right is taken by a later layer",
      [{ "srv/app": app }, { srv: { type: "directory", mode: 0o700 } }],
      starts,
      { config: { User: "nobody" } },
    ),
    one("a whiteout of what is not there", [{ "srv/app": app, "srv/.wh.nothing": "" }], starts),
    one("a file named like a whiteout's middle", [{ "srv/app": app, "srv/x.wh.app": "" }], starts),
    one(
      "a layer that goes through the link of a lower one puts a directory in its place",
      [{ "opt/bin/app": app, srv: linkTo("/opt/bin") }, { "srv/other": "nothing" }],
      gone,
    ),
    one(
      "merged /usr: a library laid down through the link /lib hides all of /usr/lib",
      [{ "srv/app": needy, [`${lib.replace("usr/", "")}/libhello.so.1`]: hello }],
      fails("exec /srv/app: no such file or directory"),
    ),
    one("the layer is empty", [{ "srv/app": app }, {}], starts),
  ];
}
