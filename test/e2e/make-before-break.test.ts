import { afterAll, beforeAll, expect, test } from 'vitest';
import { LONG_MODEL } from '../../bench/soak/changing-tree.ts';
import { repoint, serveChoice } from '../../bench/soak/commit-disturbances.ts';
import { restartControlPlane, rotateSecret } from '../../bench/soak/process-disturbances.ts';
import { type SoakLab, startSoakLab } from '../../bench/soak/soak-lab.ts';
import { type SteadyTraffic, startSteadyTraffic } from '../../bench/soak/steady-traffic.ts';
import { describeWithTool } from '../support/require-tool.ts';

const REQUESTS_PER_SECOND = 500;
const REPOINTS = 200;
/** A commit takes a tenth of a second where the machine has time, and a second where it has not. */
const REPOINTS_MS_MAX = 400_000;
const MESSAGES = [{ role: 'user', content: 'Say in few words how a gateway routes.' }];

describeWithTool('envoy', 'make before break, at 500 requests a second', () => {
  const owned = new AsyncDisposableStack();
  let lab: SoakLab;
  let traffic: SteadyTraffic;
  beforeAll(async () => {
    lab = await startSoakLab(owned, 1);
    traffic = startSteadyTraffic({
      urls: lab.proxies.map(({ url }) => url),
      key: lab.key,
      perSecond: REQUESTS_PER_SECOND,
      streams: 4,
      makeBody: (index) => ({ model: index % 2 === 0 ? 'chat-small' : 'chat-next', messages: MESSAGES }),
      longBody: { model: LONG_MODEL, messages: MESSAGES, stream: true },
      onFailure: () => undefined,
    });
  });
  afterAll(() => owned.disposeAsync());

  test(
    `${REPOINTS} times routes point to another cluster, and the old one goes`,
    async () => {
      for (let round = 0; round < REPOINTS; round += 1) await repoint(lab);
      expect(lab.choice.pool).toBe(REPOINTS);
    },
    REPOINTS_MS_MAX,
  );

  test('a listener, a policy and a secret change, and all of it goes back', async () => {
    const before = lab.choice;
    await serveChoice(lab, { ...before, hasSecondListener: true });
    await serveChoice(lab, { ...lab.choice, policy: 1 });
    await serveChoice(lab, { ...lab.choice, providerFirst: true });
    await rotateSecret(lab);
    await serveChoice(lab, before);
    expect(lab.choice).toEqual(before);
  });

  test('the control plane is killed, and restarted in order', async () => {
    const { live } = await lab.admin.status();
    await restartControlPlane(lab, 'kill');
    await restartControlPlane(lab, 'close');
    expect((await lab.admin.status()).live).toEqual(live);
  });

  test('every decider is restarted, one after the other', async () => {
    await lab.restartDeciders();
    const { deciders } = await lab.admin.status();
    expect(deciders?.map(({ name, state }) => [name, state])).toEqual([
      ['decider-1', 'asked'],
      ['decider-2', 'asked'],
    ]);
  });

  test('no request failed, and no stream was cut', async () => {
    const { requests, streams, failures } = await traffic.stop();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(REPOINTS);
    expect(streams).toBeGreaterThan(4);
  });
});
