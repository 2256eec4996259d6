// `npm test`: unit tests, then the end-to-end tests against engines that it brings up itself.
import { continueWith, installDependencies } from "./checkout.js";

if (installDependencies()) continueWith("test/run.ts");
