/** What servers printed, shortened: each section is a command's own output. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { digestOf } from "../oci/digest.ts";
import { readFacts, readInfo } from "./facts.ts";

const [config, one, two] = [digestOf("config"), digestOf("one"), digestOf("two")];

/** A Debian server with an engine of the classic image store. */
const sections: Readonly<Record<string, string>> = {
  images: `{"id":"${config}","names":["app:1","app:latest"],"digests":["app@${one}"],"layers":["${one}","${two}"]}
{"id":"${two}","names":null,"digests":[],"layers":null}
`,
  uname: "x86_64\n",
  clock: "1795750200\n",
  flags:
    "flags\t\t: fpu cx8 cmov fxsr mmx syscall sse sse2 lm pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm\n",
  emulators: "/proc/sys/fs/binfmt_misc/qemu-aarch64\n/proc/sys/fs/binfmt_misc/qemu-arm\n",
  listening: `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:9C41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 23512 1
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17021 1
   2: 0500000A:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 18850 1
   3: 0100007F:B2D2 0100007F:9C41 01 00000000:00000000 02:000003D8 00000000     0        0 24633 2
`,
  disk: `Filesystem     1024-blocks     Used Available Capacity Mounted on
/dev/vda1         81106868 31158576  46561220      41% /
`,
  info: `{"ServerVersion":"28.5.2","OSType":"linux","Architecture":"x86_64","OperatingSystem":"Debian GNU/Linux 13 (trixie)","DockerRootDir":"/var/lib/docker","DriverStatus":[["Backing Filesystem","extfs"]],"SecurityOptions":["name=apparmor","name=seccomp,profile=builtin"],"NCPU":2}
root /var/lib/docker
exit 0
`,
};

function outputOf(changed: Readonly<Record<string, string | undefined>> = {}): string {
  return Object.entries({ ...sections, ...changed })
    .map(([name, text]) => (text === undefined ? "" : `=transship ${name}\n${text}`))
    .join("");
}

const factsOf = (changed?: Readonly<Record<string, string | undefined>>) =>
  readFacts(outputOf(changed), "docker");

test("a server with everything", () => {
  const { engine, ...facts } = factsOf();
  assert.deepEqual(facts, {
    access: "docker",
    isRootless: false,
    machine: "x86_64",
    x86Level: 2,
    emulated: ["arm64", "arm"],
    clockMs: 1_795_750_200_000,
    freeBytes: 46_561_220 * 1024,
    images: [
      { id: config, names: ["app:1", "app:latest"], digests: [`app@${one}`], layers: [one, two] },
      { id: two, names: [], digests: [], layers: [] },
    ],
    listening: [0x9c41, 22],
  });
  assert.equal(engine.serverVersion, "28.5.2");
  assert.equal(engine.imageStore, "classic");
  assert.equal(engine.dataRoot, "/var/lib/docker");
});

test("a server that says nothing but what its engine is", () => {
  const nothing = Object.fromEntries(
    Object.keys(sections).map((name) => [name, name === "info" ? sections["info"] : ""]),
  );
  const { engine, ...facts } = factsOf(nothing);
  assert.equal(engine.serverVersion, "28.5.2");
  assert.deepEqual(facts, {
    access: "docker",
    isRootless: false,
    machine: "",
    x86Level: undefined,
    emulated: [],
    clockMs: undefined,
    freeBytes: undefined,
    images: [],
    listening: undefined,
  });
});

test("containerd's image store, and an engine without root's rights", () => {
  const info = `{"ServerVersion":"29.0.1","OSType":"linux","Architecture":"aarch64","DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]],"SecurityOptions":["name=seccomp,profile=builtin","name=rootless","name=cgroupns"]}
root /home/me/.local/share/docker
exit 0
`;
  const { engine, isRootless } = factsOf({ info });
  assert.deepEqual(
    [engine.imageStore, engine.platform.architecture, isRootless],
    ["containerd", "arm64", true],
  );
});

/** Tables of `df -Pk`, and the bytes that may still be written. */
const disks: Readonly<Record<string, readonly [string, number | undefined]>> = {
  "a volume group": ["/dev/mapper/vg0-root--data  1000  400  600  40% /var/lib/docker", 600 * 1024],
  "a name with spaces": ["//nas/my share  1000  400  600  40% /mnt/my share", 600 * 1024],
  "less than nothing": ["/dev/ada0p2  1000  1050  -50  105% /", 0],
  "no size": ["overlay  0  0  0  - /", 0],
  "words of another kind": ["df: /var/lib/docker: No such file or directory", undefined],
};
for (const [name, [line, bytes]] of Object.entries(disks)) {
  test(`the disk: ${name}`, () => {
    const disk = `Filesystem 1024-blocks Used Available Capacity Mounted on\n${line}\n`;
    assert.equal(factsOf({ disk }).freeBytes, bytes);
  });
}

test("addresses as they stand in the memory of machines of the other order", () => {
  const listening = `  sl  local_address rem_address   st tx_queue
   0: 7F000001:9C41 00000000:0000 0A 00000000:00000000
`;
  assert.deepEqual(factsOf({ listening }).listening, [0x9c41]);
});

test("what stands among the images and is none is left out", () => {
  const images = `Error response from daemon: No such image: sha256:0123
{"id":"sha512:0123","names":["odd:1"],"digests":[],"layers":[]}
{"id":"${one}","names":["app:1"],"digests":null,"layers":["${two}"]}
`;
  assert.deepEqual(factsOf({ images }).images, [
    { id: one, names: ["app:1"], digests: [], layers: [two] },
  ]);
});

test("of too many images the first lines are lost, and nothing else", () => {
  const whole = outputOf();
  const { images, clockMs, engine } = readFacts(whole.slice(whole.indexOf(two)), "docker");
  assert.deepEqual([images, clockMs, engine.serverVersion], [[], 1_795_750_200_000, "28.5.2"]);
});

test("emulators of Docker Desktop and of others", () => {
  const emulators = ["rosetta", "qemu-ppc64le", "qemu-riscv64", "qemu-unheard-of"];
  const list = emulators.map((name) => `/proc/sys/fs/binfmt_misc/${name}\n`).join("");
  assert.deepEqual(factsOf({ emulators: list }).emulated, ["amd64", "riscv64", "ppc64le"]);
});

const refused =
  "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock";
/** What stands for docker's document, and what is read of it. */
const infos: Readonly<Record<string, readonly [string, ReturnType<typeof readInfo>]>> = {
  "a document": [
    '{"ServerVersion":"28.5.2"}\nroot /var/lib/docker\nexit 0\n',
    { json: '{"ServerVersion":"28.5.2"}', words: "", exitCode: 0 },
  ],
  "a warning before it": [
    'WARNING: Error loading config file: open /root/.docker/config.json: permission denied\n{"ServerVersion":"28.5.2"}\nroot /var/lib/docker\nexit 0\n',
    {
      json: '{"ServerVersion":"28.5.2"}',
      words:
        "WARNING: Error loading config file: open /root/.docker/config.json: permission denied",
      exitCode: 0,
    },
  ],
  "an engine that lets nobody in": [
    `{"ServerVersion":""}\nroot \n${refused}\nexit 1\n`,
    { json: '{"ServerVersion":""}', words: refused, exitCode: 1 },
  ],
  "no docker": [
    "sh: 1: docker: not found\nexit 127\n",
    { json: "", words: "sh: 1: docker: not found", exitCode: 127 },
  ],
  "sudo that wants a password": [
    "sudo: a password is required\nexit 1\n",
    { json: "", words: "sudo: a password is required", exitCode: 1 },
  ],
  "an answer that was cut off": ["", { json: "", words: "" }],
};
for (const [name, [info, read]] of Object.entries(infos)) {
  test(`docker's own words: ${name}`, () => assert.deepEqual(readInfo(outputOf({ info })), read));
}

test("whatever else a server prints in the other sections, it is no crash", () => {
  const others = fc.record(
    Object.fromEntries(
      Object.keys(sections).map((name) => [
        name,
        name === "info" ? fc.constant(sections["info"]) : fc.string().map((text) => `${text}\n`),
      ]),
    ),
  );
  fc.assert(
    fc.property(others, (changed) => {
      const { images, listening } = factsOf(changed);
      assert.ok(images.length === 0);
      assert.ok(listening === undefined || listening.length === 0);
    }),
  );
});
