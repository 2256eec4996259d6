import { entry, exitCodes } from "./entry.ts";

export const imageErrors = {
  IMAGE_MISSING: entry<{ image: string; where: string }>({
    title: "The image does not exist",
    exitCode: exitCodes.failed,
    message: ({ image, where }) => `There is no image ${image} in ${where}.`,
    hint: () => "See what is there: docker image ls",
  }),
};
