import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBootSettings } from '../../src/app/settings/boot-settings.ts';
import { UNVERIFIED } from '../../src/app/source/source-status.ts';
import { watchedRef } from '../../src/io/git/watched-ref.ts';
import { WEBHOOK_FORGES } from '../../src/io/webhooks/forge-signatures.ts';
import { ROOT, shownFiles } from './fenced-blocks.ts';

const PAGE = 'docs/source.md';
const text = readFileSync(join(ROOT, PAGE), 'utf8');

describe('the page of the source', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'headgate-settings-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(shownFiles(PAGE))('shows settings that are read: $path', ({ path, text: settings }) => {
    writeFileSync(join(folder, path), settings);
    const { repository } = readBootSettings(join(folder, path));
    expect(['name', 'semver']).toContain(watchedRef(repository.ref).kind);
  });

  test('has every reason for which a commit is not verified', () => {
    const rows = [...text.matchAll(/^\| `([A-Z]\w+)` \|/gm)].map(([, reason]) => reason);
    expect(rows.toSorted()).toEqual(Object.values(UNVERIFIED).toSorted());
  });

  test('names every forge', () => {
    expect(WEBHOOK_FORGES.filter((forge) => !text.includes(`\`${forge}\``) && !text.includes(`/${forge}\``))).toEqual(
      [],
    );
  });
});
