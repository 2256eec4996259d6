/** PHP and Ruby: sources are the same for every machine, what compiles beside them is not. */
import { operandsOf } from "../program.ts";
import { pathOf } from "../../../dockerfile/directory.ts";
import { type Family, foreign, type Situation, type Treatment } from "../treatment.ts";

export const scripting: Family = (program, situation) => {
  const { name = "" } = program;
  if (/^(?:composer|composer\.phar)$/.test(name))
    return composer(operandsOf(program)[0] ?? "", situation);
  if (
    /^(?:docker-php-ext-(?:install|configure)|pecl|phpize|install-php-extensions|pickle)$/.test(
      name,
    )
  ) {
    return foreign("It compiles an extension for the PHP that it runs in.");
  }
  if (name === "bundle" || name === "bundler" || name === "gem") {
    const [verb = ""] = operandsOf(program);
    if (verb === "config") return { kind: "neutral", why: "It sets up Bundler.", outputs: [] };
    return foreign(
      "Gems with extensions are compiled for, or chosen by, the machine that they are installed on.",
      "If all its gems are pure Ruby, the step can run on $BUILDPLATFORM, and the gems be copied from there.",
    );
  }
  return undefined;
};

function composer(verb: string, situation: Situation): Treatment {
  if (
    !/^(?:install|i|update|require|dump-autoload|dumpautoload|create-project|config|clear-cache|self-update|diagnose|validate)$/.test(
      verb,
    )
  ) {
    return foreign(`Nobody can say here what composer ${verb} runs.`);
  }
  const path = pathOf("vendor", situation);
  const why = "Composer's packages are PHP, which is the same for every machine.";
  if (/^(?:config|clear-cache|self-update|diagnose|validate)$/.test(verb))
    return { kind: "neutral", why, outputs: [] };
  return {
    kind: "neutral",
    why,
    stage: "dependencies",
    caveat:
      "Composer's own scripts run on the machine that builds, with the extensions of the PHP there.",
    ...(path === undefined || verb === "create-project"
      ? {}
      : { outputs: [{ path, isDirectory: true }] }),
  };
}
