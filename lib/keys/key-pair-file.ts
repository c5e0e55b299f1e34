import { z } from 'zod';

/** What a key file holds: the two keys that open a service, both valid at once. */
export const keyFileSchema = z.object({ primaryKey: z.string().min(1), secondaryKey: z.string().min(1) });
