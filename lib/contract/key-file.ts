import * as z from 'zod';

/** Key file of a service with its two keys. Stacks, steps, servers and clients exchange keys in this format. */
export const keyFileSchema = z.object({ primaryKey: z.string().min(1), secondaryKey: z.string().min(1) });

/** The two keys of a service. Both are valid, so that one can be replaced while clients use the other. */
export type KeyPair = Readonly<z.infer<typeof keyFileSchema>>;
