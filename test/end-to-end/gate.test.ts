/** What the watchdog asks of a candidate, in a real engine. */
import assert from "node:assert/strict";
import { execa } from "execa";
import { serviceProgram } from "../../src/doctor/service.ts";
import { parsePlatform } from "../../src/platform/platform.ts";
import { helperImage, loadHelperScript } from "../../src/server/helper-image.ts";
import { runPieces } from "../deploy/pieces.ts";
import { tarOf } from "../image/image.ts";
import { shells } from "../process/shell.ts";
import { docker, engineTest, lastFirst } from "./engine.ts";

const amd64 = parsePlatform("linux/amd64");

engineTest(
  "gate: machine, process and health of a container without a shell",
  async (engine, testContext) => {
    const context = lastFirst(testContext);
    const helper = await helperImage(amd64);
    assert.ok(helper);
    await execa("sh", ["-c", loadHelperScript("docker", helper)]);
    const nameOf = (part: string) => `transship-gate-${engine.name}-${part}`;
    const [network, prober] = [nameOf("net"), nameOf("prober")];
    const [candidate, ended] = [nameOf("candidate"), nameOf("ended")];
    const image = `transship-gate-${engine.name}:1`;
    const input = await tarOf({
      service: { content: serviceProgram(amd64) ?? new Uint8Array(), mode: 0o755 },
    });
    await execa("docker", ["import", "--change", 'ENTRYPOINT ["/service"]', "-", image], { input });
    context.after(async () => void (await docker("image", "rm", "--force", image)));
    await docker("network", "create", network);
    context.after(async () => void (await docker("network", "rm", network)));
    context.after(async () => void (await docker("rm", "--force", prober, candidate, ended)));
    const waiting = ["--detach", "--interactive", "--network", network, "--name", prober];
    await docker("run", ...waiting, helper.name, "wait");
    await docker("run", "--detach", "--network", network, "--name", candidate, image);
    await docker("run", "--network", network, "--name", ended, helper.name);
    const script = `docker=docker prober=${prober} network=${network}
asker="docker exec --interactive ${prober} /transship-probe"
look ${candidate}
echo "$condition $restarts"
http_status "$address" 8080 /api/healthchecker app.example.org 10
http_status "$address" 8081 / app.example.org 10
echo closed
machine ${candidate}
look ${ended}
echo "$condition $code $killed"
look none || echo "$condition"`;
    for (const { words } of shells.filter(({ skip }) => skip === false)) {
      const asked = { words, pieces: ["gate"], place: "/", script } as const;
      const { stdout } = await runPieces(testContext, asked);
      const lines = ["running 0", "200", "closed", "x86_64", "exited 0 false", "gone", ""];
      assert.deepEqual(stdout.split("\n"), lines, words);
    }
  },
);
