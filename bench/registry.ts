import type { Bench } from './bench.ts';

/** Every bench by its name. A new one is a file and a line here. */
export const BENCHES: Readonly<Record<string, Bench>> = {
  commit: {
    what: 'from a commit to the last acknowledgement: 2,000 files at 1,000 clients, and two real Envoys',
    load: () => import('./commit.ts'),
  },
  'data-path': {
    what: 'processor time and latency of a request through a real Envoy and headgate, beside a plain Envoy',
    load: () => import('./data-path.ts'),
  },
  plan: {
    what: 'headgate plan of two commits with recorded requests',
    load: () => import('./plan.ts'),
  },
  policy: {
    what: 'what the policies of one request cost: detectors, input, Rego and merge',
    load: () => import('./policy.ts'),
  },
  validate: {
    what: 'headgate validate of generated trees of 500 to 4,000 files: cold, warm, and with one file changed',
    load: () => import('./validate.ts'),
  },
  xds: {
    what: 'changes, connections and memory of thousands of xDS clients',
    load: () => import('./xds.ts'),
  },
};
