import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { numberFlag, storeFlag, switchFlag, textFlag } from "../flags.ts";
import { proofOptions } from "../proof.ts";
import { tuneForLayers } from "../runtime.ts";
import { type CommonFlags, commonFlags, progressModes, runVerb } from "../verb.ts";

export interface ShipFlags extends CommonFlags {
  readonly image?: string;
  readonly to?: string;
  readonly from?: string;
  readonly name?: string;
  readonly via?: string;
  readonly platform?: string;
  readonly port?: number;
  readonly identity?: string;
  readonly parallel: number;
  readonly keep: number;
  readonly store?: string;
  readonly waivers?: string;
  readonly strict: boolean;
  readonly shipAnyway: boolean;
  readonly dryRun: boolean;
  readonly progress: (typeof progressModes)[number];
}

export const shipCommand = buildCommand<ShipFlags, string[], CliContext>({
  docs: {
    brief: "Send an image to a server over ssh, only the layers it lacks, no registry",
    customUsage: [
      "[FLAGS] IMAGE SERVER…",
      "[FLAGS] IMAGE --to FILE.tar.zst",
      "[FLAGS] --from FILE.tar.zst SERVER…",
    ],
    fullDescription: [
      "Gives an image to the engine of a server, or of several, over ssh. The engine pulls from this machine through the connection and",
      "chooses what it lacks; nothing is installed there, and nothing of it is kept here. Before anything is sent, the server is asked:",
      "its architecture and processor are held against the proof, its engine, disk and clock looked at. What is refuted is not sent.",
      "IMAGE is anything that `transship verify` reads. SERVER is what ssh takes: user@host, a name of ~/.ssh/config, ssh://user@host:port.",
      "",
      "Ways (--via): pull, the usual one; load, where the server forwards no port or its engine cannot see it; [http://]HOST/PATH, a",
      "repository of a registry, for fleets: pushed there once, missing blobs only, and pulled from there by each server. The push takes",
      "this machine's login; a server needs its own, none is sent there. On the servers the image has its own name whichever the way.",
      "",
      "Where no wire reaches: --to writes the image into a file, all platforms or the one of --platform, with its SHA-256 beside it; the same",
      "image gives the same bytes. `docker load` takes it as it is, and --from FILE ships it, once the sum beside it was found right.",
      "",
      "Examples:",
      "  transship ship rustci:local-amd64 deploy@vps.example.org",
      "  transship ship rustci:local-amd64 deploy@vps.example.org --dry-run",
      "  transship ship rustci:local-amd64 web1 web2 web3 --parallel 3",
      "  transship ship rustci:local-amd64 web1 web2 web3 --via registry.example.org/rustci",
      "  transship ship docker://registry.example.org/app:1 vps --name app:1",
      "  transship ship app:1 root@vps.example.org -p 2222 -i ~/.ssh/deploy",
      "  transship ship app:1 --to app.tar.zst              # and app.tar.zst.sha256",
      "  transship ship app:1 --to - | ssh vps docker load",
      "  transship ship --from app.tar.zst deploy@vps.example.org",
    ].join("\n"),
  },
  parameters: {
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "The image, then the servers", placeholder: "IMAGE" },
    },
    flags: {
      ...commonFlags,
      image: textFlag("The image, as a flag; all other words are servers then", "IMAGE"),
      to: textFlag(
        "Write an archive instead: FILE.tar.zst, FILE.tar, - for standard output",
        "FILE",
      ),
      from: textFlag("Ship what is in that archive; all words are servers then", "FILE"),
      name: textFlag("Its name on the servers; default its own", "NAME[:TAG]"),
      via: textFlag("The way: pull, load, or HOST/PATH of a registry; default what will do", "WAY"),
      platform: textFlag("The platform to send; default the server's own, of an archive all", "P"),
      port: {
        kind: "parsed",
        parse: portOf,
        optional: true,
        brief: "The port of ssh",
        placeholder: "PORT",
      },
      identity: textFlag("The key that ssh takes", "FILE"),
      parallel: numberFlag(4, "How many servers at once", "N"),
      keep: numberFlag(3, "How many images of that name are protected from prune there", "N"),
      store: storeFlag,
      waivers: textFlag("The file with the waivers; default the project's compose.yaml", "FILE"),
      strict: switchFlag("Refuse what could not be decided, with exit code 3"),
      shipAnyway: switchFlag("Send even what is refuted"),
      dryRun: switchFlag("Say which layers would go, and send none"),
      progress: {
        kind: "enum",
        values: progressModes,
        default: "auto",
        brief: "How the layers are shown while they go",
      },
    },
    aliases: { p: "port", i: "identity" },
  },
  async func(flags, ...words) {
    const verb = {
      command: "ship",
      subject: flags.image ?? flags.from ?? words[0] ?? "",
      progress: flags.progress,
    };
    const waivers = async () => {
      return (await proofOptions("transship ship", { waivers: flags.waivers })).waivers;
    };
    const { to } = flags;
    if (to !== undefined) {
      const { archiveDocument, archiveText } = await import("../../report/archive.ts");
      const { stdout } = this.process;
      await runVerb(this, flags, {
        ...verb,
        async run(context) {
          const { archiveOptions } = await import("../archiving.ts");
          const options = archiveOptions(words, { ...flags, to }, stdout);
          const [{ writeArchive }] = await Promise.all([
            import("../../ship/archive/archive.ts"),
            tuneForLayers(),
          ]);
          return await writeArchive({ ...options, waivers }, context);
        },
        text: archiveText,
        document: archiveDocument,
        // The archive is there already, and nothing else may be.
        filtered: () => (to === "-" ? "" : undefined),
        exitCode: () => exitCodes.done,
      });
      return;
    }
    const { shipDocument, shipExit, shipText } = await import("../../report/ship.ts");
    await runVerb(this, flags, {
      ...verb,
      async run(context) {
        const { shipOptions } = await import("../shipping.ts");
        const options = shipOptions(words, flags);
        const [{ ship }] = await Promise.all([import("../../ship/ship.ts"), tuneForLayers()]);
        return await ship({ ...options, waivers }, context);
      },
      text: shipText,
      document: shipDocument,
      exitCode: shipExit,
    });
  },
});

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new SyntaxError(`"${text}" is no port: 1 to 65535`);
}
