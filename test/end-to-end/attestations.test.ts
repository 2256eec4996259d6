/** Provenance and SBOM: kept with the image, and never taken for a platform. */
import assert from "node:assert/strict";
import path from "node:path";
import * as z from "zod";
import { openStore } from "../../src/store/store.ts";
import { isAttestation, parseIndex, parseManifest } from "../../src/oci/document.ts";
import { startMemoryRegistry } from "../registry/memory.ts";
import {
  baseFlags,
  directory,
  docker,
  engineTest,
  ensureBuilder,
  tinyContext,
  transship,
} from "./engine.ts";

const document = z.object({
  digest: z.string(),
  platforms: z.array(z.object({ platform: z.string(), verdict: z.string() })),
  loaded: z.array(z.object({ image: z.string(), platform: z.string() })),
  pushed: z.object({ digest: z.string() }),
});

/** What BuildKit asks of a scanner (moby/buildkit, docs/attestations/sbom-protocol.md): a statement in that directory. */
const scanner = `#!/bin/sh
cat > "$BUILDKIT_SCAN_DESTINATION/sbom.spdx.json" <<END
{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":{"spdxVersion":"SPDX-2.3"}}
END
`;

engineTest(
  "provenance and SBOM stay with each platform, from the store to the registry",
  async (engine, context) => {
    await ensureBuilder(engine);
    const registry = await startMemoryRegistry();
    context.after(async () => await registry.close());
    const cache = await directory(context);
    const run = async (...args: readonly string[]) => {
      const ended = await transship(["build", ...args], { env: { XDG_CACHE_HOME: cache } });
      assert.equal(ended.exitCode, 0, ended.stderr);
      return ended;
    };
    const generator = await directory(context, {
      scan: scanner,
      Dockerfile: 'FROM debian:bookworm-slim\nCOPY --chmod=755 scan /scan\nENTRYPOINT ["/scan"]\n',
    });
    const scanImage = ["-i", `${registry.host}/scanner`, "-t", "1", "-c", generator];
    await run(...scanImage, "--no-load", "--push", ...baseFlags(engine));
    const image = `${registry.host}/transship-test-attested`;
    context.after(async () => {
      const ids = await docker("image", "ls", "--quiet", image);
      if (ids !== "") await docker("image", "rm", "--force", ...new Set(ids.split("\n")));
    });
    const tiny = await directory(context, tinyContext());
    const flags = ["-i", image, "-t", "1", "-c", tiny, "--platform", "linux/amd64,linux/arm64"];
    const attested = [
      `--attest=type=sbom,generator=${registry.host}/scanner:1`,
      "--provenance=mode=max",
    ];
    const { stdout, stderr } = await run(...flags, "--push", "--json", "--", ...attested);
    const { digest, platforms, loaded, pushed } = document.parse(JSON.parse(stdout));
    const wanted = ["linux/amd64", "linux/arm64"];
    assert.deepEqual(
      platforms.map(({ platform, verdict }) => [platform, verdict]),
      wanted.map((platform) => [platform, "proven"]),
    );
    assert.deepEqual(loaded.map(({ platform }) => platform).toSorted(), wanted);
    if (engine.imageStore === "classic") {
      assert.match(stderr, /holds one platform a tag: \S+:1-amd64, \S+:1-arm64\.$/m);
    }
    // The store's very bytes are at the registry, statements and all.
    assert.equal(pushed.digest, digest);
    const store = await openStore(path.join(cache, "transship", "store"));
    const root = await store.find(`${image}:1`);
    assert.ok(root);
    const { manifests } = parseIndex(await store.read(root));
    const statements = manifests.filter(isAttestation);
    assert.equal(statements.length, 2);
    for (const one of statements) {
      const { layers } = parseManifest(await store.read(one));
      const kinds = layers.map(({ annotations }) => annotations?.["in-toto.io/predicate-type"]);
      assert.ok(kinds.includes("https://spdx.dev/Document"), String(kinds));
      assert.ok(
        kinds.some((kind) => kind?.startsWith("https://slsa.dev/provenance/")),
        String(kinds),
      );
      for (const { digest: blob } of layers) assert.ok(registry.blobs.has(blob), blob);
    }
  },
);
