// `npm run build`: emits dist/ from src/.
import { buildDistribution, installDependencies } from "./checkout.js";

if (installDependencies()) await buildDistribution();
