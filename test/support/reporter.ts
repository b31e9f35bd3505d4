import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** What one run of the tests came to. */
export interface Outcome {
  readonly passed: number;
  /** Tests, and whatever else made the run fail: a file that could not be loaded, a hook, an unhandled error. */
  readonly failed: number;
  /** The full names of the tests that did not run. */
  readonly skipped: readonly string[];
}

/**
 * The reporter that closes a run: it names every skipped test, and as the very last line of the process prints
 * `N passed, N failed` or `N passed, N failed, N skipped`. It stands beside vitest's default reporter.
 */
export function closingLineReporter(
  write: (text: string) => void,
  atExit: (last: (exitCode: number) => void) => void,
): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const outcome = outcomeOf(modules, unhandledErrors);
      atExit((exitCode) => write(closingText(asFailed(outcome, exitCode))));
    },
  };
}

/** A run that fails without a failed test (in its global set-up, say) still shows a failure. */
function asFailed(outcome: Outcome, exitCode: number): Outcome {
  return exitCode !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome;
}

/** The skipped tests by name, then the closing line. */
export function closingText({ passed, failed, skipped }: Outcome): string {
  const names = skipped.map((name) => `SKIPPED ${name}\n`).join('');
  const counts = `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
  return `${names}${counts}\n`;
}

function outcomeOf(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): Outcome {
  const skipped: string[] = [];
  let passed = 0;
  let failed = unhandledErrors.length;
  for (const module of modules) {
    const failedBefore = failed;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') passed += 1;
      else if (state === 'skipped') skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
      else failed += 1;
    }
    // A file that failed with no failed test in it: its import, or a hook around its tests.
    if (!module.ok() && failed === failedBefore) failed += 1;
  }
  return { passed, failed, skipped };
}
