import type { Step } from './step.ts';
import { chat } from './steps/chat.ts';
import { engineKilled } from './steps/engine-killed.ts';
import { explain } from './steps/explain.ts';
import { failover } from './steps/failover.ts';
import { load } from './steps/load.ts';
import { refusedByEnvoy } from './steps/refused-by-envoy.ts';
import { revert } from './steps/revert.ts';
import { secret } from './steps/secret.ts';
import { split } from './steps/split.ts';
import { typo } from './steps/typo.ts';

/** The story, in order: later steps rely on earlier ones. */
export const STORY: readonly Step[] = [
  chat,
  secret,
  load,
  engineKilled,
  failover,
  split,
  typo,
  refusedByEnvoy,
  revert,
  explain,
];
