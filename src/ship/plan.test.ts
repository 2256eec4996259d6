import assert from "node:assert/strict";
import { test } from "node:test";
import { imageOf, type TestFiles, type TestPlatform } from "../../test/image/image.ts";
import { type FactsChanges, serverFacts } from "../../test/ship/server-facts.ts";
import { type ErrorCode, isFailure } from "../errors.ts";
import { type Image, type PlatformImage, readImage } from "../image/image.ts";
import { digestOf } from "../oci/digest.ts";
import { parseReference } from "../oci/reference.ts";
import { type Architecture, formatPlatform, parsePlatform } from "../platform/platform.ts";
import type { ServerImage } from "../server/facts.ts";
import { planShipment, type PlanOptions, type Shipment } from "./plan.ts";

const layers: readonly TestFiles[] = [{ base: "base" }, { app: "app" }, { settings: "settings" }];

async function imageFor(...platforms: readonly TestPlatform[]): Promise<Image> {
  const { root, source } = await imageOf(platforms);
  return await readImage(root, { source, name: "app:1" });
}

const image = await imageFor({ layers });
const [only] = image.platforms;
const changed = await imageFor({ layers: [...layers.slice(0, 2), { settings: "others" }] });

interface Wishes extends Partial<Omit<PlanOptions, "facts">> {
  readonly facts?: FactsChanges;
}

function plan({ facts, ...options }: Wishes = {}): Shipment {
  return planShipment({
    image,
    subject: "app:1",
    reference: parseReference("app:1"),
    target: "me@server",
    hasTunnel: true,
    ...options,
    facts: serverFacts(facts),
  });
}

/** An image in the server's engine, of the classic image store unless an ID is named. */
function held(one: PlatformImage | undefined, changes: Partial<ServerImage> = {}): ServerImage {
  return {
    id: one?.manifest.config.digest ?? digestOf(""),
    names: [],
    digests: [],
    layers: one?.config.rootfs.diff_ids ?? [],
    ...changes,
  };
}

const counts = ({ missing, present }: Shipment) => [missing.length, present.length];

function assertFails(work: () => unknown, code: ErrorCode, words: RegExp): void {
  assert.throws(work, (error) => {
    assert.ok(isFailure(error, code), String(error));
    assert.match(error.message, words);
    return true;
  });
}

test("an engine that has nothing pulls all, and calls it by the config's digest or the root's", () => {
  const classic = plan();
  assert.deepEqual(counts(classic), [3, 0]);
  assert.deepEqual([classic.way, classic.reason, classic.isForced], ["pull", undefined, false]);
  assert.deepEqual([classic.isThere, classic.isNamed, classic.isEmulated], [false, false, false]);
  assert.equal(classic.id, only?.manifest.config.digest);
  const containerd = plan({ facts: { engine: { imageStore: "containerd" } } });
  assert.equal(containerd.id, image.root.digest);
});

test("names are as docker shows them", () => {
  const names = {
    "docker.io/library/app:1": "app:1",
    "registry.example.org/team/app:2": undefined,
  };
  for (const [name, shown] of Object.entries(names))
    assert.equal(plan({ reference: parseReference(name) }).name, shown ?? name);
});

const protectedName = "transship/shipped/app:20261127T104500-0123";
/** Of an engine that has the lower two layers: which image store, how it came by them, the way, and layers that go and stay. */
const shares: readonly (readonly [
  store: "classic" | "containerd",
  came: Partial<ServerImage>,
  via: Shipment["way"] | undefined,
  way: Shipment["way"],
  counts: readonly number[],
])[] = [
  ["classic", { digests: [`app@${digestOf("x")}`] }, undefined, "pull", [1, 2]],
  ["classic", { names: [protectedName] }, undefined, "pull", [1, 2]],
  ["classic", { names: ["app:0"] }, undefined, "load", [1, 2]],
  ["classic", { names: [`${protectedName}-loaded`] }, undefined, "load", [1, 2]],
  ["classic", { names: ["app:0"] }, "pull", "pull", [3, 0]],
  ["classic", { names: [protectedName] }, "load", "load", [1, 2]],
  ["classic", { names: ["app:0"] }, "registry", "registry", [3, 0]],
  ["containerd", { names: ["app:0"] }, undefined, "pull", [1, 2]],
  ["containerd", { names: [protectedName] }, "load", "load", [3, 0]],
];
for (const [imageStore, came, via, way, expected] of shares) {
  const how = [...(came.names ?? []), ...(came.digests ?? []).map(() => "pulled")].join();
  test(`two layers of three are there, ${imageStore}, ${how}, ${via ?? "any way"}: ${way}`, () => {
    const images = [held(changed.platforms[0], came)];
    const forced = via === undefined ? {} : { via };
    const shipment = plan({ facts: { images, engine: { imageStore } }, ...forced });
    assert.deepEqual([shipment.way, counts(shipment)], [way, expected]);
    assert.equal(shipment.isForced, via !== undefined);
    assert.equal(shipment.reason !== undefined, via === undefined && way === "load");
  });
}

test("layers above one that is missing do not count", async () => {
  const other = await imageFor({ layers: [{ base: "another" }, ...layers.slice(1)] });
  const images = [held(other.platforms[0], { digests: ["app@sha256:0"] })];
  assert.deepEqual(counts(plan({ facts: { images } })), [3, 0]);
});

test("a layer that stands twice in an image is sent once", async () => {
  const twice = await imageFor({ layers: [...layers, layers[0] ?? {}] });
  assert.deepEqual(counts(plan({ image: twice })), [3, 0]);
});

test("an image that is there, under that name or another", () => {
  const named = plan({ facts: { images: [held(only, { names: ["app:1"] })] } });
  assert.deepEqual([named.isThere, named.isNamed, counts(named)], [true, true, [0, 3]]);
  const unnamed = plan({ facts: { images: [held(only, { names: ["app:0"] })] } });
  assert.deepEqual([unnamed.isThere, unnamed.isNamed], [true, false]);
  // Under that name is another one.
  const other = plan({ facts: { images: [held(changed.platforms[0], { names: ["app:1"] })] } });
  assert.deepEqual([other.isThere, other.isNamed], [false, false]);
  // Of containerd's store the ID is that of all platforms, and another one may be there.
  const images = [held(changed.platforms[0], { id: image.root.digest, names: ["app:1"] })];
  const part = plan({ facts: { images, engine: { imageStore: "containerd" } } });
  assert.deepEqual([part.isThere, counts(part)], [false, [1, 2]]);
});

const several = await imageFor(
  { architecture: "amd64", layers: layers.slice(0, 1) },
  { architecture: "arm64", layers: layers.slice(0, 2) },
  { architecture: "arm", variant: "v7", layers },
);

interface Choice {
  readonly host: string;
  readonly emulated?: readonly Architecture[];
  /** Absent: whichever will do. */
  readonly asked?: string;
  readonly taken: string;
  readonly isEmulated?: boolean;
}

const choices: readonly Choice[] = [
  { host: "linux/amd64", taken: "linux/amd64" },
  { host: "linux/arm64", emulated: ["amd64"], taken: "linux/arm64" },
  { host: "linux/arm/v7", taken: "linux/arm/v7" },
  { host: "linux/386", emulated: ["arm64"], taken: "linux/arm64", isEmulated: true },
  { host: "linux/riscv64", emulated: ["arm64", "amd64"], taken: "linux/amd64", isEmulated: true },
  { host: "linux/amd64", asked: "linux/arm64", taken: "linux/arm64", isEmulated: true },
  { host: "linux/amd64", asked: "linux/amd64", taken: "linux/amd64" },
];
for (const { host, emulated = [], asked, taken, isEmulated = false } of choices) {
  const how = emulated.length > 0 ? `, emulators of ${emulated.join(" and ")}` : "";
  test(`of several platforms, ${host}${how}, ${asked ?? "any"}: ${taken}`, () => {
    const shipment = plan({
      image: several,
      facts: { engine: { platform: parsePlatform(host) }, emulated },
      ...(asked === undefined ? {} : { platform: parsePlatform(asked) }),
    });
    assert.equal(formatPlatform(shipment.platform), taken);
    assert.equal(shipment.isEmulated, isEmulated);
    assert.equal(shipment.one.platform, shipment.platform);
  });
}

test("a platform that the server does not run: SHIP_PLATFORM_WRONG, with both", () => {
  const facts = { engine: { platform: parsePlatform("linux/s390x") } };
  const words =
    /linux\/amd64 and linux\/arm64 and linux\/arm\/v7.*me@server is linux\/s390x.*exec format error/;
  assertFails(() => plan({ image: several, facts }), "SHIP_PLATFORM_WRONG", words);
});

test("a platform that the image has not: IMAGE_PLATFORM_MISSING", () => {
  const platform = parsePlatform("linux/s390x");
  assertFails(() => plan({ platform }), "IMAGE_PLATFORM_MISSING", /linux\/s390x/);
});

/** What stands in the way of a pull, and the reason that is told. */
const obstacles: Readonly<Record<string, readonly [Wishes, RegExp]>> = {
  "no forwarding": [{ hasTunnel: false }, /forwards no port/],
  "an engine in a virtual machine": [
    { facts: { engine: { operatingSystem: "Docker Desktop" } } },
    /virtual machine/,
  ],
  "a rootless engine": [{ facts: { isRootless: true } }, /rootless/],
};
for (const [name, [wishes, reason]] of Object.entries(obstacles)) {
  test(`${name}: it is loaded, and why is told`, () => {
    const shipment = plan(wishes);
    assert.equal(shipment.way, "load");
    assert.match(shipment.reason ?? "", reason);
    // A registry is reached another way.
    const pushed = plan({ ...wishes, via: "registry" });
    assert.deepEqual([pushed.way, pushed.reason], ["registry", undefined]);
  });
}

test("a pull that is asked for is tried where there is a tunnel, and else SHIP_NO_TUNNEL", () => {
  assert.equal(plan({ via: "pull", facts: { isRootless: true } }).way, "pull");
  const work = () => plan({ via: "pull", hasTunnel: false });
  assertFails(work, "SHIP_NO_TUNNEL", /me@server.*forwards no port/);
});
