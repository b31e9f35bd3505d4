import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { closingLineReporter } from './test/support/reporter.ts';

const CORE_TESTS = 'src/core/**/*.test.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    // Tests wait for processes and sockets more than they compute: two at a time even on one core.
    maxWorkers: Math.max(2, availableParallelism()),
    // What is waited for takes milliseconds, and seconds where other tests have the cores.
    expect: { poll: { timeout: 20_000 } },
    globalSetup: ['test/support/global-setup.ts'],
    reporters: [
      'default',
      closingLineReporter(
        (text) => process.stdout.write(text),
        (last) => process.once('exit', last),
      ),
    ],
    projects: [
      // The core has no state of its own, so its test files share one process and its loaded modules.
      { extends: true, test: { name: 'core', include: [CORE_TESTS], isolate: false, testTimeout: 30_000 } },
      {
        extends: true,
        test: {
          name: 'world',
          include: ['{src,test,scripts,bench}/**/*.test.ts'],
          exclude: [CORE_TESTS],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
