// A provider and the proxy before it, for all tests of a file: started when this returns, stopped after the last
// test, the provider's memory and scripts emptied before each.
//
//   const { provider, proxy } = await startPair({ args: ['--ccr'] });
//
// `simulation` holds the options of startProvider(), the rest are those of startProxy().

import { after, beforeEach } from 'node:test';

import { startProvider } from '../../provider/provider.mjs';
import { startProxy } from './proxy.mjs';

export async function startPair({ simulation, ...options } = {}) {
  const provider = await startProvider(simulation);
  const proxy = await startProxy({ provider, ...options }).catch(async (error) => {
    await provider.close();
    throw error;
  });
  after(async () => {
    await proxy.stop();
    await provider.close();
  });
  beforeEach(() => provider.forget());
  return { provider, proxy };
}
