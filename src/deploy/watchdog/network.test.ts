/** The addresses of an app's network, in the shells that a server may have; docker itself is asked in `test/end-to-end/proxy.test.ts`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runPieces } from "../../../test/deploy/pieces.ts";
import { temporaryDirectory } from "../../../test/directory.ts";
import { shells } from "../../../test/process/shell.ts";

const pools = [
  { subnet: "172.18.0.0/16", blue: "172.18.255.253", green: "172.18.255.254" },
  { subnet: "192.168.240.0/20", blue: "192.168.255.253", green: "192.168.255.254" },
  { subnet: "10.1.2.64/26", blue: "10.1.2.125", green: "10.1.2.126" },
  { subnet: "10.0.0.0/8", blue: "10.255.255.253", green: "10.255.255.254" },
];

for (const { words, skip } of shells) {
  test(`${words}: the last two addresses are blue's and green's`, { skip }, async (t) => {
    const script = pools.map(
      ({ subnet }) => `docker() { printf '%s\\n' fd00:1::/64 ${subnet}; }
fixed_address app blue; fixed_address app green`,
    );
    const ran = await runPieces(t, {
      words,
      pieces: ["network"],
      place: "/",
      script: ["docker=docker", ...script].join("\n"),
    });
    const lines = pools.flatMap(({ blue, green }) => [blue, green]);
    assert.deepEqual(ran, { exitCode: 0, stdout: `${lines.join("\n")}\n`, stderr: "" });
  });

  test(`${words}: a network is made anew in the subnet that docker chose`, { skip }, async (t) => {
    const script = `docker() {
  case "$2 $3" in
  "inspect app") test -e "$place/made" ;;
  "inspect --format") printf '%s\\n' fd00:1::/64 172.18.0.0/16 ;;
  "create --subnet") echo "$@" >&2; : > "$place/made" ;;
  esac
}
docker=docker
make_network app && make_network app`;
    const place = await temporaryDirectory(t);
    const ran = await runPieces(t, { words, pieces: ["network"], place, script });
    assert.equal(ran.exitCode, 0);
    assert.equal(
      ran.stderr,
      "network create --subnet 172.18.0.0/16 --ip-range 172.18.0.0/17 app\n",
    );
  });
}
