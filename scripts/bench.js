// `npm run bench`: builds dist/, then measures it on engines that it brings up itself, and writes bench/README.md.
import { buildDistribution, continueWith, installDependencies } from "./checkout.js";

if (installDependencies()) {
  await buildDistribution();
  continueWith("bench/run.ts");
}
