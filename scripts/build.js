// `npm run build`: emits dist/ from src/ with TypeScript's own compiler.
import { buildDistribution, installDependencies } from "./checkout.js";

if (installDependencies()) buildDistribution();
