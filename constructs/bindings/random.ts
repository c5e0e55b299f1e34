import type * as password from '@cdktf/provider-random/lib/password';
import type * as provider from '@cdktf/provider-random/lib/provider';

import { lazyBindings } from './lazy-bindings';

const random = lazyBindings('@cdktf/provider-random');

export const { Password } = random<typeof password>('password');
export type Password = password.Password;

export const { RandomProvider } = random<typeof provider>('provider');
export type RandomProvider = provider.RandomProvider;
