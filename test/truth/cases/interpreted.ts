/** Extension modules of Python and add-ons of Node, which their interpreters load. */
import type { Case, Truth } from "../case.ts";
import { fails, type Files, type Kit, starts } from "../kit.ts";
import { type Architecture, type Machine, machines } from "../machine.ts";

const modules = "usr/lib/python3/dist-packages/yaml";

export async function pythonCases(kit: Kit): Promise<readonly Case[]> {
  const { machine } = kit;
  const moduleOf = ({ triplet }: Machine) => `${modules}/_yaml.cpython-311-${triplet}.so`;
  const [own, is64] = [moduleOf(machine), machine.debian !== "armhf"];
  const app = { "srv/app": "#!/usr/bin/python3\nimport yaml._yaml\nprint('ready')\n" };
  const one = (name: string, layers: readonly Files[], truth: Truth) =>
    kit.one(`python: ${name}`, [app, ...layers], truth, { base: "python" });
  const foreign = async (architecture: Architecture) => {
    const other = machines[architecture];
    return [
      moduleOf(other),
      await kit.other(architecture).file("python", moduleOf(other)),
    ] as const;
  };
  const [cross, crossModule] = await foreign(is64 ? "armhf" : "arm64");
  const [, sameModule] = await foreign(machine.debian === "amd64" ? "arm64" : "amd64");
  const without = `${modules}/.wh.${own.slice(modules.length + 1)}`;
  const unusable = (why: string) => fails(`ImportError: /${own}: ${why}`);
  return [
    one("an extension module", [], starts),
    one(
      "an extension module without its library",
      [{ [`${kit.lib}/.wh.libyaml-0.so.2`]: "" }],
      fails(
        "ImportError: libyaml-0.so.2: cannot open shared object file: No such file or directory",
      ),
    ),
    one(
      "an extension module of another class",
      [{ [own]: crossModule }],
      unusable(`wrong ELF class: ELFCLASS${is64 ? 32 : 64}`),
    ),
    ...(is64
      ? [
          one(
            "an extension module of another machine",
            [{ [own]: sameModule }],
            unusable("cannot open shared object file: No such file or directory"),
          ),
        ]
      : []),
    one(
      "an extension module of another platform, under that one's name",
      [{ [without]: "", [cross]: crossModule }],
      fails("ModuleNotFoundError: No module named 'yaml._yaml'"),
    ),
    one(
      "an extension module of another platform beside this one's",
      [{ [cross]: crossModule }],
      starts,
    ),
  ];
}

function requiring(module: string): string {
  return `#!/usr/bin/node\nrequire(${JSON.stringify(module)});\nconsole.log("ready");\n`;
}

export async function nodeCases(kit: Kit): Promise<readonly Case[]> {
  const addon = { defines: ["napi_register_module_v1"] };
  const [own, foreign] = [await kit.library(addon), await kit.other("arm64").library(addon)];
  const one = (name: string, layers: readonly Files[], truth: Truth) =>
    kit.one(`node: ${name}`, layers, truth, { base: "node" });
  const built = "srv/node_modules/hello/build/Release/hello.node";
  const index = {
    "srv/node_modules/hello/index.js": 'module.exports = require("./build/Release/hello.node");\n',
  };
  const prebuilt = {
    "srv/node_modules/hello/index.js":
      "module.exports = require(`./prebuilds/${process.platform}-${process.arch}/hello.node`);\n",
  };
  return [
    one("a script", [{ "srv/app": '#!/usr/bin/node\nconsole.log("ready");\n' }], starts),
    one("an add-on of Debian's", [{ "srv/app": requiring("node-expat") }], starts),
    one(
      "an add-on of Debian's without its library",
      [{ "srv/app": requiring("node-expat") }, { [`${kit.lib}/.wh.libexpat.so.1`]: "" }],
      fails("Error: libexpat.so.1: cannot open shared object file: No such file or directory"),
    ),
    one("an add-on", [{ "srv/app": requiring("hello"), ...index, [built]: own }], starts),
    one(
      "an add-on of another machine",
      [{ "srv/app": requiring("hello"), ...index, [built]: foreign }],
      fails(`Error: /${built}: cannot open shared object file: No such file or directory`),
    ),
    one(
      "add-ons of several platforms",
      [
        {
          "srv/app": requiring("hello"),
          ...prebuilt,
          "srv/node_modules/hello/prebuilds/linux-x64/hello.node": own,
          "srv/node_modules/hello/prebuilds/linux-arm64/hello.node": foreign,
        },
      ],
      starts,
    ),
    one(
      "add-ons of several platforms, this one's of another",
      [
        {
          "srv/app": requiring("hello"),
          ...prebuilt,
          "srv/node_modules/hello/prebuilds/linux-x64/hello.node": foreign,
          "srv/node_modules/hello/prebuilds/linux-arm64/hello.node": foreign,
        },
      ],
      fails("hello.node: cannot open shared object file: No such file or directory"),
    ),
    one(
      "without one of its libraries",
      [{ "srv/app": requiring("fs") }, { [`${kit.lib}/.wh.libuv.so.1`]: "" }],
      fails(
        "/usr/bin/node: error while loading shared libraries: libuv.so.1: cannot open shared object file: No such file or directory",
      ),
    ),
  ];
}
