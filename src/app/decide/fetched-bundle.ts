import type { Digest } from '../../core/base/digest.ts';
import { BundleError } from '../../io/bundles/bundle-error.ts';
import { decodeBundle } from '../../io/store/bundle-file.ts';
import { type Bundle, bundleOfParts, contentDigest } from '../revision/bundle.ts';

/**
 * The bundle of a file that came over the network: whole by the hash in the file, and by its content the one that was
 * asked for. Throws BundleError `bundle-damaged`.
 */
export function fetchedBundle(digest: Digest, file: Buffer): Bundle {
  const damaged = () => new BundleError('bundle-damaged', `what came for ${digest} is another revision, or damaged`);
  const decoded = decodeBundle(file);
  if (decoded?.manifest.digest !== digest) throw damaged();
  const bundle = bundleOfParts(digest, decoded.manifest.commit, decoded.parts);
  if (contentDigest(bundle) !== digest) throw damaged();
  return bundle;
}
