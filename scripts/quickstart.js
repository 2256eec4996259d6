// `npm run quickstart`: from a fresh clone to an image that was built, verified and tested for two platforms.
import { continueWith, installDependencies } from "./checkout.js";

if (installDependencies()) continueWith("provision/quickstart.ts");
