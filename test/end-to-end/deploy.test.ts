/** `transship deploy` to a real engine behind a real sshd. */
import assert from "node:assert/strict";
import { serviceProgram } from "../../src/doctor/service.ts";
import { parsePlatform } from "../../src/platform/platform.ts";
import { imageOf, layoutContents } from "../image/image.ts";
import { sharedDock } from "./dock.ts";
import { type CleanUp, directory, engineTest, transship } from "./engine.ts";
import { after } from "node:test";

const dockOf = sharedDock({ after });

async function layout(context: CleanUp, text: string) {
  const service = { content: serviceProgram(parsePlatform("linux/amd64")) ?? new Uint8Array() };
  const image = await imageOf([
    { architecture: "amd64", config: { Entrypoint: ["/service"], ExposedPorts: {"8080/tcp": {}} }, layers: [{ service }, { text: { content: Buffer.from(text) } }] },
  ]);
  return await directory(context, layoutContents(image));
}

engineTest("deploy: first", async (engine, context) => {
  const { machine, server } = await dockOf(engine);
  for (const n of [1, 2]) {
    const dir = await layout(context, `r${n}`);
    const t0 = performance.now();
    const ended = await transship(
      ["deploy", "--to", server, "--image", `oci:${dir}`, "--name", `app:${n}`, "-p", "80:8080", "--bake", "3s", "--", "--stop-timeout", "1"],
      { env: { PATH: machine.path } },
    );
    console.log(ended, performance.now() - t0);
    console.log(await machine.docker("ps", "-a"));
    console.log(await machine.run("sh", "-c", "cd ~/.local/state/transship/app && find . | sort && head -50 state history audit releases/*/settings operations/*/events operations/*/output"));
    assert.equal(ended.exitCode, 0);
  }
});
