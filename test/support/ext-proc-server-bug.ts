/** A process whose exchange has a bug: it must die of it, so that Envoy keeps its last configuration and somebody looks. */
import { assert } from '../../src/core/base/assert.ts';
import { envoyMessage } from './ext-proc-client-messages.ts';
import { startServerLab } from './ext-proc-server-lab.ts';

const { client } = await startServerLab({
  answer: ({ kind }) => {
    assert(kind === 'request-body', 'a bug on purpose');
    return { replies: [] };
  },
});
const call = client.call();
call.send(envoyMessage({ kind: 'request-headers', headers: [], endOfStream: true }, {}));
await call.ended;
process.stdout.write('the process lives on');
