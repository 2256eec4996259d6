import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import {
  choiceFlag,
  listFlag,
  numberFlag,
  onFlag,
  storeFlag,
  switchFlag,
  textFlag,
} from "../flags.ts";
import { tuneForLayers } from "../runtime.ts";
import { type ServerFlags, serverFlags } from "../server-flags.ts";
import { type CommonFlags, commonFlags, progressModes, runVerb } from "../verb.ts";

export interface DeployFlags extends CommonFlags, ServerFlags {
  readonly image?: string;
  readonly name?: string;
  readonly release?: string;
  readonly strategy?: string;
  readonly host?: readonly string[];
  readonly drainTimeout?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly behindFront?: boolean;
  readonly proxyImage?: string;
  readonly publish?: readonly string[];
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly volume?: readonly string[];
  readonly network?: readonly string[];
  readonly restart?: string;
  readonly healthPort?: string;
  readonly healthPath?: string;
  readonly healthHost?: string;
  readonly health: boolean;
  readonly timeout: number;
  readonly answers?: string;
  readonly startTimeout?: string;
  readonly bake?: string;
  readonly beforeSwitch?: string;
  readonly hookTimeout?: string;
  readonly singleWriter: boolean;
  readonly keep?: string;
  readonly build: boolean;
  readonly test: boolean;
  readonly parallel?: string;
  readonly onFailure?: "undo" | "leave";
  readonly forceUnlock: boolean;
  readonly attach: boolean;
  readonly via?: string;
  readonly waivers?: string;
  readonly strict: boolean;
  readonly shipAnyway: boolean;
  readonly store?: string;
  readonly dryRun: boolean;
  readonly progress: (typeof progressModes)[number];
}

export const deployCommand = buildCommand<DeployFlags, string[], CliContext>({
  docs: {
    brief:
      "Give a server the next release: gated before it gets the traffic, undone if it fails after",
    customUsage: [
      "[FLAGS] --to SERVER [SERVICE…] [-- DOCKER CREATE FLAGS]",
      "[FLAGS] --to SERVER --image IMAGE [-- DOCKER CREATE FLAGS]",
    ],
    fullDescription: [
      "Builds and proves the image and tests it here, ships it, starts a candidate beside the running release, and asks it before it gets any traffic: `uname -m` in it must say",
      "the server's machine, its health path must answer 200 within 10 s, several times in a row, and so must the image's own HEALTHCHECK.",
      "Then the traffic is switched, and the release is watched (--bake). If it fails there, the old container, which was kept as it was,",
      "serves again, and the exit code is 6; what fails before the switch is exit code 1, and the old one never stopped.",
      "",
      "The verdict is reached on the server, by a program in POSIX sh that goes on when this machine does not. Docker and sh are all that",
      "the server needs. What is kept there of each release (settings, environment, history, audit log) is in ~/.local/state/transship.",
      "",
      "Strategy proxy, where the app speaks HTTP: HAProxy in a container has the server's port, for several apps by their hosts (--host); a",
      "switch is a line to it, and the old release finishes what it has begun. Strategy recreate: the old container stops, the new one starts on",
      "its ports; the time without an answer is measured and printed.",
      "",
      "Where the directory has a compose.yaml, its services with a build section or an x-transship block are deployed as it says, all or",
      "those that are named: ports, environment, volumes, networks, secrets. Flags go before it. Else what the Dockerfile builds, or --image.",
      "What stands behind -- is handed to `docker create` as it is.",
      "",
      "Examples:",
      "  transship deploy                                  # as compose.yaml says, to its x-transship servers",
      "  transship deploy --to deploy@vps.example.org --publish 80:8080",
      "  transship deploy --to deploy@vps.example.org --image rustci:local-amd64 --publish 80:8080",
      "  transship deploy --to vps --image app:1 -p 80:8080 --env-file .env.production --bake 2m",
      "  transship deploy --to vps --image app:1 -p 80:8080 --before-switch 'bin/migrate'",
      "  transship deploy --to web1 --to web2 --image app:1 -p 80:8080",
      "  transship deploy --to vps --image worker:1 --no-health -- --memory 256m",
      "  transship deploy --to vps --image app:1 -p 80:8080 --dry-run",
      "  transship deploy --to vps --app app --attach",
    ].join("\n"),
  },
  parameters: {
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        brief: "A service of compose.yaml; after -- what is handed to docker create",
        placeholder: "SERVICE",
        async proposeCompletions(partial) {
          const { proposeServices } = await import("../project.ts");
          return await proposeServices(partial, this.process.env);
        },
      },
    },
    flags: {
      ...commonFlags,
      ...serverFlags,
      app: textFlag("The app's name there; default the service's or the image's", "NAME"),
      image: textFlag("The image, as `transship verify` reads it", "IMAGE"),
      name: textFlag("The image's name on the servers; default its own", "NAME[:TAG]"),
      release: textFlag("The release's name; default its time and digest", "NAME"),
      strategy: textFlag(
        "How the traffic is switched: proxy, recreate; default what the app has, else what can be",
        "STRATEGY",
      ),
      host: listFlag("A host whose requests the proxy gives to the app", "HOST"),
      drainTimeout: textFlag(
        "How long the old one may finish what it has begun; default 30s",
        "SPAN",
      ),
      tlsCertificate: textFlag(
        "Let the proxy speak TLS: the chain in PEM, its key with it or in --tls-key",
        "FILE",
      ),
      tlsKey: textFlag("The certificate's key in PEM", "FILE"),
      behindFront: choiceFlag("Believe the X-Forwarded-… of a front before the proxy"),
      proxyImage: textFlag(
        "The image of HAProxy; default what the proxy has, else haproxy:3.2-alpine",
        "IMAGE",
      ),
      publish: listFlag(
        "A port of the server and the container's, as docker takes it",
        "HOST:CONTAINER",
      ),
      env: listFlag("A variable, or its name alone for this machine's value", "NAME[=VALUE]"),
      envFile: listFlag("A file of variables, as docker reads it", "FILE"),
      volume: listFlag("A volume, as docker takes it", "VOLUME"),
      network: listFlag("A network of the server that it joins as well", "NETWORK"),
      restart: textFlag("What the engine does when it has ended; default unless-stopped", "POLICY"),
      healthPort: textFlag("The container's port; default the published or exposed one", "PORT"),
      healthPath: textFlag("The path that must answer 200; default /api/healthchecker", "PATH"),
      healthHost: textFlag("The Host header with which it is asked; default localhost", "HOST"),
      health: onFlag("Ask the health path"),
      timeout: numberFlag(10, "Seconds that an answer may take", "SECONDS"),
      answers: textFlag("How many good answers in a row it takes; default 3", "N"),
      startTimeout: textFlag("How long it may take until then; default 60s", "SPAN"),
      bake: textFlag("How long it is watched after the switch; default 30s", "SPAN"),
      beforeSwitch: textFlag(
        "A command that runs once in the new image before the switch",
        "COMMAND",
      ),
      hookTimeout: textFlag("How long that may take; default 10m", "SPAN"),
      singleWriter: switchFlag("Stop the old one before the new one starts: they share a volume"),
      keep: textFlag("How many releases stay on a server; default 3", "N"),
      build: onFlag("Build what compose.yaml or the Dockerfile says"),
      test: onFlag("Run what was built on this machine before it is switched to"),
      parallel: textFlag("How many servers are switched at once; default 1", "N"),
      onFailure: {
        kind: "enum",
        values: ["undo", "leave"],
        optional: true,
        brief: "What becomes of servers that have it when another one fails; default leave",
      },
      forceUnlock: switchFlag("End whoever is at work there"),
      attach: switchFlag("Follow what goes on there; finish what was broken off"),
      via: textFlag("The way of shipping: pull, load, or HOST/PATH of a registry", "WAY"),
      waivers: textFlag("The file with the waivers; default the project's compose.yaml", "FILE"),
      strict: switchFlag("Refuse what could not be decided, with exit code 3"),
      shipAnyway: switchFlag("Send even what is refuted"),
      store: storeFlag,
      dryRun: switchFlag("Look at the servers, say what would be done, and do nothing"),
      progress: {
        kind: "enum",
        values: progressModes,
        default: "auto",
        brief: "How the layers are shown while they go",
      },
    },
    aliases: { p: "publish", e: "env", i: "identity" },
  },
  async func(flags, ...words) {
    const { deployExit, deploysDocument, deploysExit, deploysText, releaseDocument, releaseText } =
      await import("../../report/deploy.ts");
    if (flags.attach) {
      await runVerb(this, flags, {
        command: "deploy",
        subject: flags.app ?? "",
        async run(context) {
          const { attachOptions } = await import("../deploying.ts");
          const { attach } = await import("../../deploy/attach.ts");
          const options = attachOptions(words, flags);
          const done = await attach(options, context);
          return { app: options.app, servers: [{ kind: "done" as const, ...done }] };
        },
        text: releaseText,
        document: releaseDocument,
        exitCode: deployExit,
      });
      return;
    }
    await runVerb(this, flags, {
      command: "deploy",
      subject: flags.image ?? "compose.yaml",
      progress: flags.progress,
      async run(context) {
        const { readDeploys } = await import("../deploying.ts");
        const deploys = await readDeploys(words, flags, context);
        const [{ deployAll }] = await Promise.all([
          import("../../deploy/deploy-all.ts"),
          tuneForLayers(),
        ]);
        return await deployAll(deploys, context);
      },
      text: deploysText,
      document: deploysDocument,
      exitCode: deploysExit,
    });
  },
});
