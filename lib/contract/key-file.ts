import { z } from 'zod';

/** The key file of a service: the two keys that it accepts. Stacks, steps, servers and clients exchange keys in it. */
export const keyFileSchema = z.object({ primaryKey: z.string().min(1), secondaryKey: z.string().min(1) });

/** The two keys of a service. Both are valid, so that one can be replaced while clients use the other. */
export type KeyPair = Readonly<z.infer<typeof keyFileSchema>>;
