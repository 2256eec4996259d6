/** Builds, and proves what came out, from the store. */
import type { Context } from "../context.ts";
import { findImage } from "../engine/images.ts";
import { isFailure } from "../errors.ts";
import type { Image } from "../image/image.ts";
import { openImage } from "../image/open.ts";
import { storedSubject } from "../image/subject.ts";
import { isDigest } from "../oci/digest.ts";
import { familiarName } from "../oci/reference.ts";
import type { Store } from "../store/store.ts";
import { verifyOpened, type VerifyResult } from "../verify/verify.ts";
import { type LoadPlan, planLoad } from "./load.ts";
import { buildOnce, type Built, engineOf, type RunningWork, type Work } from "./produce.ts";
import type { Questions } from "./questions.ts";

/** How often a build is run again because the store held a damaged blob. */
const mostRepairs = 5;

interface Verified {
  readonly built: Built;
  readonly verified: VerifyResult;
  /** What the engine is to be given; absent where nothing is. */
  readonly load: LoadPlan | undefined;
}

/** Builds, and proves what was built from the store. A blob that is damaged there is thrown away and written anew. */
export async function buildAndVerify(
  work: RunningWork,
  store: Store,
  questions: Questions,
  context: Context,
): Promise<Verified> {
  for (let repairs = 0; ; repairs += 1) {
    const built = await buildOnce(work, store, questions.engine, context);
    try {
      const subject = storedSubject(store.directory, built.root);
      // Of a layout nothing is held open that would have to be closed.
      const opened = await openImage(subject, { store: store.directory }, context);
      const [verified, load] = await Promise.all([
        verifyOpened(opened, proofOptions(work), context),
        planDelivery(work, opened.image, store, questions, context),
      ]);
      return { built, verified, load };
    } catch (error) {
      if (!isFailure(error, "STORE_BLOB_DAMAGED", "STORE_BLOB_MISSING") || repairs === mostRepairs)
        throw error;
      const digest = String(error.facts["digest"]);
      if (!isDigest(digest)) throw error;
      context.report({
        kind: "warning",
        text: `${error.message} It is thrown away, and the image built again.`,
      });
      await store.discard(digest);
    }
  }
}

async function planDelivery(
  { request }: Work,
  image: Image,
  store: Store,
  { engine, before }: Questions,
  context: Context,
): Promise<LoadPlan | undefined> {
  if (!request.load) return undefined;
  const { reference } = request;
  const name = familiarName(reference);
  const options = { image, reference, store, engine: await engineOf(engine) };
  const asked = async (one: string) =>
    await (one === name ? before : findImage(one, context.docker));
  return await planLoad({ ...options, before: asked }, context);
}

/** What verify is asked of a build. */
function proofOptions({ request, options: { cpu, waivers } }: Work) {
  return {
    platforms: request.platforms,
    ...(cpu === undefined ? {} : { cpu }),
    ...(waivers === undefined ? {} : { waivers }),
  };
}
