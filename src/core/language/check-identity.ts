import { type Diagnostic, diagnostic, type Span } from '../diagnostics/diagnostic.ts';
import { locate } from '../diagnostics/locate.ts';
import { quoted } from '../diagnostics/visible-text.ts';
import { ANONYMOUS } from '../ir/identity.ts';
import type { Catalog } from './catalog.ts';
import { listedTwice, starBesideNames } from './check-list.ts';
import { checkModels, checkName } from './check-reference.ts';
import type { DocumentOf } from './document.ts';
import { expiryMs } from './expiry.ts';

export function* checkTeam(document: DocumentOf<'Team'>, catalog: Catalog): Generator<Diagnostic> {
  if (document.name === ANONYMOUS) {
    const message = `${quoted(ANONYMOUS)} is the name of callers without a key`;
    yield diagnostic('HG3004', locate(document.source, ['metadata', 'name']), message, { hint: 'choose another name' });
  }
  const path = ['spec', 'models'];
  yield* checkModels(document, path, document.spec.models, catalog);
  yield* listedTwice(document, path, document.spec.models);
  yield* starBesideNames(document, path, document.spec.models);
}

export function* checkKeys(catalog: Catalog): Generator<Diagnostic> {
  const owners = new Map<string, Span>();
  for (const key of catalog.byKind.Key.values()) {
    yield* checkKey(key, catalog);
    const span = locate(key.source, ['spec', 'hash']);
    const earlier = owners.get(key.spec.hash);
    if (earlier === undefined) {
      owners.set(key.spec.hash, span);
    } else {
      const related = [{ message: 'the same hash stands here', span: earlier }];
      const hint = 'make another key with `headgate key new`';
      yield diagnostic('HG3209', span, 'two keys have this hash, so one key would be two callers', { related, hint });
    }
  }
}

function* checkKey(key: DocumentOf<'Key'>, catalog: Catalog): Generator<Diagnostic> {
  const { team, expires } = key.spec;
  if (team === ANONYMOUS) {
    const message = `${quoted(ANONYMOUS)} is the name of callers without a key`;
    yield diagnostic('HG3004', locate(key.source, ['spec', 'team']), message, { hint: 'name a team' });
  } else {
    yield* checkName('Team', key, ['spec', 'team'], team, catalog);
  }
  const endsMs = expires === undefined ? undefined : expiryMs(expires);
  if (endsMs !== undefined) yield* checkExpiry(key, endsMs, catalog.nowMs);
  if (expires !== undefined && endsMs === undefined) {
    const hint = 'write a day such as 2027-06-30, or a moment such as 2027-06-30T12:00:00Z';
    yield diagnostic(
      'HG3210',
      locate(key.source, ['spec', 'expires']),
      `${quoted(expires)} is no day of any calendar`,
      { hint },
    );
  }
}

/** Long enough to hand out another key before the old one is dead. */
const NOTICE_MS = 14 * 86_400_000;

function* checkExpiry(key: DocumentOf<'Key'>, endsMs: number, nowMs: number | undefined): Generator<Diagnostic> {
  if (nowMs === undefined || endsMs - nowMs > NOTICE_MS) return;
  const span = locate(key.source, ['spec', 'expires']);
  if (endsMs <= nowMs) {
    const hint = 'remove the document';
    yield diagnostic('HG3310', span, `the key ${quoted(key.name)} has expired`, { hint });
    return;
  }
  const days = Math.ceil((endsMs - nowMs) / 86_400_000);
  const left = days === 1 ? 'within a day' : `within ${days} days`;
  const hint = 'make another key with `headgate key new`, and move its callers';
  yield diagnostic('HG3309', span, `the key ${quoted(key.name)} expires ${left}`, { hint });
}
