import { expect, test } from 'vitest';
import { type Acknowledgement, acknowledgementOf, type ServedProxy } from './acknowledgement.ts';

const has: ServedProxy = { offered: 'sha256:b', fullyAcknowledged: 'sha256:b' };
const onItsWay: ServedProxy = { offered: 'sha256:b', fullyAcknowledged: 'sha256:a' };
const elsewhere: ServedProxy = { offered: 'sha256:a', fullyAcknowledged: 'sha256:a' };

test.each<[string, readonly ServedProxy[], boolean, Acknowledgement]>([
  ['every proxy has it', [has, has], false, { complete: true, taken: true }],
  ['one proxy has it, and others may come back', [has], true, { complete: true, taken: true }],
  ['one of two has it', [has, onItsWay], false, { complete: false, taken: true }],
  ['none has it yet', [onItsWay], false, { complete: false, taken: false }],
  ['no proxy is there', [], false, { complete: true, taken: false }],
  ['no proxy is there, and some may come back', [], true, { complete: false, taken: false }],
  ['the only proxy is offered another revision', [elsewhere], false, { complete: true, taken: false }],
])('%s', (_what, proxies, isExpecting, expected) => {
  expect(acknowledgementOf('sha256:b', proxies, isExpecting)).toEqual(expected);
});
