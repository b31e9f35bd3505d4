import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fixtureIr, ROUTE } from '../../../test/support/revision-fixture.ts';
import { present } from '../../core/base/assert.ts';
import { type Digest, digestOfText } from '../../core/base/digest.ts';
import { NO_PROGRESS } from '../../io/store/rollout-progress.ts';
import { createDecider, type Decider } from '../decider/decider.ts';
import { type Bundle, bundleOf } from '../revision/bundle.ts';
import { type BundleShelf, createBundleShelf } from './bundle-shelf.ts';

/** More than a decider holds beside what is in use. */
const MANY = 20;
const UNKNOWN = digestOfText('never made');

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'headgate-shelf-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Bundles that differ in nothing but their digests and commits, `c0` first. */
const bundles = ((): Bundle[] => {
  const bundle = bundleOf(fixtureIr({ routes: [ROUTE] }), { wasm: new Uint8Array(0), index: { guardrails: {} } }, 'c');
  return Array.from({ length: MANY }, (_, index) => ({
    ...{ ...bundle, digest: digestOfText(`revision ${index}`), commit: `c${index}` },
  }));
})();
const [first, second] = bundles.map(({ digest }) => digest);

interface Lab {
  readonly shelf: BundleShelf;
  readonly decider: Decider;
  readonly inUse: string[];
  /** What could not be read or written, by the codes of the errors. */
  readonly failures: string[];
  /** Resolves when the decider has taken in a revision, or one could not be read. */
  readonly next: () => Promise<void>;
}

/** Nothing serves: keys are what each revision says. */
const ALONE = { live: undefined, candidate: undefined };

function lab(fetch?: (digest: Digest) => Promise<Bundle | undefined>): Lab {
  const decider = createDecider({ onRecord: () => undefined, onUnknown: () => undefined, standing: () => ALONE });
  const failures: string[] = [];
  const inUse: string[] = [];
  let onNext: () => void = () => undefined;
  const shelf = createBundleShelf({
    directory,
    decider: {
      ...decider,
      hold: (loaded) => {
        decider.hold(loaded);
        onNext();
      },
    },
    inUse: () => inUse,
    ...(fetch === undefined ? {} : { fetch }),
    onFailure: (cause) => {
      failures.push((cause as { code: string }).code);
      onNext();
    },
  });
  const next = () =>
    new Promise<void>((resolve) => {
      onNext = resolve;
    });
  return { shelf, decider, inUse, failures, next };
}

async function holdAll({ shelf }: Lab): Promise<void> {
  for (const bundle of bundles) await shelf.hold(bundle);
}

describe('the decider', () => {
  test('never forgets what is in use, however many revisions come after it', async () => {
    const it = lab();
    it.inUse.push(present(first, 'a digest'), present(second, 'a digest'));
    await holdAll(it);
    const others = bundles.slice(-16).map(({ digest }) => digest);
    expect(it.decider.held()).toEqual([first, second, ...others]);
  });

  test('finds a forgotten revision on the disk once somebody has named it', async () => {
    const it = lab();
    await holdAll(it);
    const digest = present(first, 'a digest');
    expect(it.decider.revision(digest)).toBe(undefined);
    const held = it.next();
    it.shelf.recall(digest);
    it.shelf.recall(digest);
    await held;
    expect(it.decider.revision(digest)?.revision.commit).toBe('c0');
    expect([it.decider.held().length, it.failures]).toEqual([16, []]);
  });

  test('finds after a restart what the process before held', async () => {
    await holdAll(lab());
    const it = lab();
    const held = it.next();
    it.shelf.recall(present(second, 'a digest'));
    await held;
    expect(it.decider.held()).toEqual([second]);
  });

  test('does not look twice for what is not there', async () => {
    const it = lab();
    for (const digest of [UNKNOWN, 'sha256:../../etc/passwd']) {
      const failed = it.next();
      it.shelf.recall(digest);
      await failed;
    }
    await holdAll(it);
    it.shelf.recall(UNKNOWN);
    const held = it.next();
    it.shelf.recall(present(first, 'a digest'));
    await held;
    expect(it.failures).toEqual(['store-missing', 'store-missing']);
  });
});

describe('a revision that is not on the disk', () => {
  test('comes from elsewhere, once, and is then on the disk', async () => {
    const fetched: string[] = [];
    const [bundle] = bundles;
    const it = lab((asked) => {
      fetched.push(asked);
      return Promise.resolve(bundle);
    });
    const digest = present(first, 'a digest');
    await it.shelf.obtain(digest);
    await it.shelf.obtain(digest);
    expect([fetched, it.decider.held(), (await it.shelf.find(digest))?.commit]).toEqual([[digest], [digest], 'c0']);
  });

  test('is said to be nowhere where it is not there either', async () => {
    const it = lab(() => Promise.resolve(undefined));
    await expect(it.shelf.obtain(UNKNOWN)).rejects.toMatchObject({ code: 'store-missing' });
  });
});

test('a revision that was named before it was made is found like any other', async () => {
  const it = lab();
  const digest = present(first, 'a digest');
  const failed = it.next();
  it.shelf.recall(digest);
  await failed;
  await holdAll(it);
  const held = it.next();
  it.shelf.recall(digest);
  await held;
  expect([it.failures, it.decider.held().at(-1)]).toEqual([['store-missing'], digest]);
});

describe('a disk that takes nothing', () => {
  test('stops nobody from serving, and is told of until it takes something again', async () => {
    const place = directory;
    directory = join(place, 'bundles');
    await writeFile(directory, 'in the way');
    const { shelf, decider, failures } = lab();
    const [bundle] = bundles;
    const { digest, commit } = present(bundle, 'a bundle');
    await shelf.hold(present(bundle, 'a bundle'));
    await shelf.keep(present(bundle, 'a bundle'), { digest, commit, taken: true });
    const failed = shelf.failure();
    await rm(directory);
    await shelf.hold(present(bundle, 'a bundle'));
    expect([decider.held(), failures, failed, shelf.failure()]).toEqual([
      [digest],
      ['store-unwritable', 'store-unwritable'],
      `cannot make ${directory}`,
      undefined,
    ]);
    directory = place;
  });

  test('is not asked to take what it has', async () => {
    const { shelf } = lab();
    const bundle = present(bundles[0], 'a bundle');
    const file = async () => (await stat(join(directory, (await readdir(directory))[0] ?? ''))).ino;
    await shelf.hold(bundle);
    const before = await file();
    await shelf.hold(bundle);
    const same = await file();
    await shelf.hold({ ...bundle, commit: 'another' });
    expect([same === before, (await file()) === before]).toEqual([true, false]);
    expect((await shelf.find(bundle.digest))?.commit).toBe('another');
  });
});

describe('the next start', () => {
  test('finds what served, what it leads back to, and what is frozen', async () => {
    const { shelf } = lab();
    const [taken, untaken, frozen] = bundles.slice(0, 3);
    const served = [
      { bundle: present(taken, 'a bundle'), taken: true },
      { bundle: present(untaken, 'a bundle'), taken: false },
      { bundle: present(frozen, 'a bundle'), taken: false },
    ];
    for (const { bundle, taken: isTaken } of served) {
      const { digest, commit } = bundle;
      await shelf.hold(bundle);
      await shelf.keep(bundle, { digest, commit, taken: isTaken });
    }
    const { digest, commit } = present(frozen, 'a bundle');
    const refused = [{ digest, commit, diagnostics: 'Address in use' }];
    await shelf.keepFrozen(refused);
    expect(await lab().shelf.before()).toEqual({
      served: [served[1], served[0]],
      frozen: refused,
      progress: NO_PROGRESS,
    });
  });

  test('finds nothing where nothing was', async () => {
    expect(await lab().shelf.before()).toEqual({ served: [], frozen: [], progress: NO_PROGRESS });
  });

  test('finds the later of two that were kept at one time', async () => {
    const { shelf } = lab();
    const [one, two] = bundles.map((bundle) => ({ bundle, taken: true }));
    const kept = [present(one, 'a bundle'), present(two, 'a bundle')].map(({ bundle }) => bundle);
    for (const bundle of kept) await shelf.hold(bundle);
    await Promise.all(kept.map((bundle) => shelf.keep(bundle, { ...bundle, taken: true })));
    expect((await lab().shelf.before()).served).toEqual([two]);
    expect((await readdir(directory)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });
});
