/** Characters of a stage's name. */
export const MAX_NAME_LENGTH = 128;
/** Pixels of a side to which an image is resized. */
export const MAX_IMAGE_SIDE = 16_384;
