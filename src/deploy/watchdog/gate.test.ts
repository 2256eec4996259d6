/** What is asked of a candidate, in the shells that a server may have. Docker and the clock are stubs. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { runPieces } from "../../../test/deploy/pieces.ts";
import { standInDocker } from "../../../test/deploy/stand-in.ts";
import { temporaryDirectory } from "../../../test/directory.ts";
import { shells } from "../../../test/process/shell.ts";

/** An app that is asked for its health, on a server of that machine; what is told goes to standard output. */
const settings = `docker=docker app=shop network=transship-shop helper=helper:1 prober=shop-v2-prober asker=asker machine=x86_64
health_path=/health health_host=shop.example.org health_seconds=7 port=8080 has_healthcheck= good_answers=3 start_seconds=10
reason= settled_at=0 status= is_over= address=10.0.0.2
tell() { printf '%s\\n' "$*"; }`;
/** A clock of its own, on which each look takes 100 ms. */
const clock = `ms=0
now() { echo "$ms"; }
sleep() { ms=$((ms + $1 * 1000)); }
pause() { ms=$((ms + 200)); }`;

interface Trial {
  readonly words: string;
  readonly script: string;
  readonly docker?: string;
}

async function trial(t: TestContext, { words, script, docker }: Trial) {
  const place = await temporaryDirectory(t);
  const { env, calls } = await standInDocker(t, docker);
  const whole = `${settings}\n${clock}\n${script}`;
  const ran = await runPieces(t, { words, pieces: ["gate"], place, env, script: whole });
  return { ...ran, calls: await calls() };
}

const machineScript = (says: string) =>
  `machine() { ${says}; }; is_machine shop-v2; echo "$? $reason"`;
const ended = (how: string) => `look() { condition=exited code=137 killed=${how}; }`;
const awayScript = (until: string) => `docker=engine n=0
engine() { n=$((n + 1)); test $n -gt ${until}; }
engine_answers; echo "$?|$ms|$settled_at|$is_over|$reason"`;
const hexOf = (text: string) => Buffer.from(text, "latin1").toString("hex");

for (const { words, skip } of shells) {
  test(`${words}: numbers as bytes`, { skip }, async (t) => {
    const { stdout } = await trial(t, {
      words,
      script: "octets 0 1 10 13 92 37 127 128 255 | od -An -tx1",
    });
    assert.deepEqual(stdout.trim().split(/\s+/), [
      "00",
      "01",
      "0a",
      "0d",
      "5c",
      "25",
      "7f",
      "80",
      "ff",
    ]);
  });

  test(`${words}: a container's state, its address among it`, { skip }, async (t) => {
    const script = 'look shop-v2; echo "$?|$condition|$restarts|$code|$killed|$address"';
    const says = async (docker: string) => (await trial(t, { words, script, docker })).stdout;
    assert.equal(await says("echo running 2 0 false 10.0.0.3"), "0|running|2|0|false|10.0.0.3\n");
    // Of one that has ended there is no address.
    assert.equal(await says('echo "exited 0 137 true "'), "0|exited|0|137|true|\n");
    assert.equal(await says("echo 'No such object' >&2; exit 1"), "1|gone|0|0|false|\n");
    const { calls } = await trial(t, { words, script });
    assert.deepEqual(
      [calls[0]?.slice(0, 2), calls[0]?.at(-1)],
      [["inspect", "--format"], "shop-v2"],
    );
    assert.ok(calls[0]?.[2]?.includes('index .NetworkSettings.Networks "transship-shop"'));
  });

  test(
    `${words}: the request that the probe sends, and the status that comes back`,
    { skip },
    async (t) => {
      const script = `asker() { test "$1" = ask && od -An -tx1 -v | tr -d ' \\n' >&2; printf 'HTTP/1.1 204 No Content\\r\\n\\r\\nbody'; }
http_status 10.0.0.2 8080 "/a%20b" shop.example.org 7`;
      const { stdout, stderr } = await trial(t, { words, script });
      assert.equal(stdout, "204\n");
      const address = "070201001002001f900a0000020000000000000000";
      const request =
        "GET /a%20b HTTP/1.1\r\nHost: shop.example.org\r\nUser-Agent: transship\r\nConnection: close\r\n\r\n";
      // The probe's own words on standard error are nobody's.
      assert.equal(stderr, "");
      const seen = await trial(t, {
        words,
        script: script.replace(">&2", '> "$place/seen"').concat('; cat "$place/seen"'),
      });
      assert.equal(seen.stdout, `204\n${address}${hexOf(request)}`);
    },
  );

  test(`${words}: what is no answer of HTTP has no status`, { skip }, async (t) => {
    const asked = async (answer: string) => {
      const script = `asker() { cat >/dev/null; ${answer}; }; echo "[$(http_status 10.0.0.2 80 / h 7)]"`;
      return (await trial(t, { words, script })).stdout;
    };
    assert.equal(await asked(":"), "[]\n");
    assert.equal(await asked("echo 'SSH-2.0-OpenSSH'"), "[]\n");
    assert.equal(await asked("printf 'HTTP/1.0 301 Moved'"), "[301]\n");
    assert.equal(await asked("exit 1"), "[]\n");
  });

  test(
    `${words}: the machine is asked with the image's own command, else with ours`,
    { skip },
    async (t) => {
      const machine = async (docker: string) => {
        const { stdout, calls } = await trial(t, {
          words,
          script: "machine shop-v2; echo $?",
          docker,
        });
        return [stdout, calls.length] as const;
      };
      assert.deepEqual(await machine("echo aarch64"), ["aarch64\n0\n", 1]);
      const missing =
        'case "$*" in *uname*) echo "OCI runtime exec failed"; exit 127 ;; *transship-probe) echo x86_64 ;; esac';
      assert.deepEqual(await machine(missing), ["x86_64\n0\n", 4]);
      const [said] = await machine("echo nonsense; exit 1");
      assert.match(said, /^[1-9]\d*\n$/);
    },
  );

  test(
    `${words}: requirement 1.4, and what is told where it cannot be asked`,
    { skip },
    async (t) => {
      const told = async (says: string) =>
        (await trial(t, { words, script: machineScript(says) })).stdout;
      assert.equal(
        await told("echo x86_64"),
        "check runtime-architecture pass uname -m says x86_64\n0 \n",
      );
      const reason = "uname -m says aarch64 in it, and the server is x86_64";
      assert.equal(
        await told("echo aarch64"),
        `check runtime-architecture fail ${reason}\n1 ${reason}\n`,
      );
      assert.match(await told("return 1"), /^check runtime-architecture skip .*\n0 \n$/);
    },
  );

  test(`${words}: what it is asked, and why it is not well`, { skip }, async (t) => {
    const asked = async (changed: string) => {
      const script = `look() { condition=running code=0 killed=false; }
engine_answers() { return 0; }
start_prober() { echo "a new prober"; }
http_status() { echo 200; }
healthcheck() { echo fine; }
${changed}
is_well shop-v2; echo "$?|$reason|$is_over"`;
      return (await trial(t, { words, script })).stdout;
    };
    assert.equal(await asked(""), "0||\n");
    assert.equal(await asked("http_status() { echo 503; }"), "1|/health answered 503|\n");
    assert.equal(
      await asked("http_status() { :; }"),
      "a new prober\n1|/health answered nothing|\n",
    );
    assert.equal(await asked("http_status() { echo 500; }; health_path="), "0||\n");
    const check = 'has_healthcheck=yes; healthcheck() { echo "no $1"; return 1; }';
    assert.equal(await asked(check), "1|its health check failed: no shop-v2|\n");
    assert.equal(await asked(ended("false")), "1|its main process ended with exit code 137|yes\n");
    assert.equal(
      await asked(ended("true")),
      "1|its main process ended with exit code 137 (killed, out of memory)|yes\n",
    );
    // An engine that has just come back brings it back too.
    assert.equal(
      await asked(`${ended("false")}; settled_at=5000`),
      "1|its main process ended with exit code 137|\n",
    );
    assert.equal(
      await asked("look() { condition=gone code=0 killed=false; return 1; }"),
      "1|its container is gone|yes\n",
    );
  });

  /** What a candidate is (by \`$n\`, the number of the question), and what comes of it: exit code, milliseconds, questions, reason. */
  const gates: Readonly<Record<string, readonly [string, string]>> = {
    "well from the first": [":", "0|700|3|"],
    "well in the end": ["test $n -gt 4", "0|1900|7|ill"],
    "well now and then is not well": [
      "test $((n % 3)) -ne 0",
      "1|10000|34|it was not well within 10 s: ill",
    ],
    "one that will not be well": ["test $n -lt 2 || { is_over=yes; false; }", "1|400|2|ill"],
  };
  for (const [name, [looks, expected]] of Object.entries(gates))
    test(`${words}: the gate: ${name}`, { skip }, async (t) => {
      const script = `n=0
is_well() { is_over= n=$((n + 1)) ms=$((ms + 100)); { ${looks}; } || { reason=ill; return 1; }; }
is_machine() { echo machine; }
tell() { :; }
pass_gate shop-v2; echo "$?|$ms|$n|$reason"`;
      const { stdout } = await trial(t, { words, script });
      assert.equal(stdout.split("\n").at(-2), expected);
      // It is asked once, of one that has answered.
      assert.equal(stdout.split("\n").filter((line) => line === "machine").length, 1);
    });

  test(
    `${words}: where nothing can be asked, to run for some seconds is to be well`,
    { skip },
    async (t) => {
      const script =
        'health_path=; is_well() { is_over=; }; is_machine() { :; }; pass_gate shop-v2; echo "$? $ms"';
      const { stdout } = await trial(t, { words, script });
      assert.equal(stdout, "0 2400\n");
    },
  );

  test(`${words}: an engine that is away is waited for, and not for ever`, { skip }, async (t) => {
    const told = async (until: string) =>
      (await trial(t, { words, script: awayScript(until) })).stdout;
    assert.equal(await told("0"), "0|0|0||\n");
    assert.equal(await told("3"), "engine away\nengine back\n0|400|30400||\n");
    assert.equal(
      await told("9999"),
      "engine away\n1|120000|0|yes|the engine does not answer any more\n",
    );
  });

  test(`${words}: a prober that waits already is not started again`, { skip }, async (t) => {
    const script = 'start_prober; code=$?; await_prober; echo "$code $asker"';
    const waits = await trial(t, { words, script, docker: "echo true" });
    assert.equal(waits.stdout, "0 docker exec --interactive shop-v2-prober /transship-probe\n");
    assert.equal(waits.calls.length, 1);
    const { calls } = await trial(t, { words, script, docker: 'test "$1" != inspect' });
    assert.deepEqual(calls.slice(1), [
      ["rm", "--force", "shop-v2-prober"],
      [
        "run",
        "--detach",
        "--interactive",
        "--pull",
        "never",
        "--name",
        "shop-v2-prober",
        "--network",
        "transship-shop",
        "--label",
        "dev.transship.app=shop",
        "--label",
        "dev.transship.role=prober",
        "helper:1",
        "wait",
      ],
    ]);
  });
}
