import { keepText, keptText } from '../../io/cache/kept-texts.ts';
import type { PolicyBuild } from './policy-build.ts';

/** Compiled policies on the disk, in a folder of the user's own. */
export interface KeptBuilds {
  /** Of a set of Rego files what was built last. */
  readonly of: (modules: string) => KeptBuild | undefined;
  readonly keep: (modules: string, kept: KeptBuild) => void;
}

export interface KeptBuild {
  /** Says which bindings it was built with. */
  readonly key: string;
  readonly build: PolicyBuild;
}

/** `stamp` names all that a build depends on beside the policies of the tree: the program and opa. */
export function createKeptBuilds(folder: string, stamp: string): KeptBuilds {
  const name = (modules: string) => `${stamp} policies ${modules}`;
  return {
    of: (modules) => {
      const text = keptText(folder, name(modules));
      if (text === undefined) return undefined;
      const { key, build, wasm } = JSON.parse(text) as KeptBuild & { readonly wasm: string };
      return { key, build: { ...build, wasm: new Uint8Array(Buffer.from(wasm, 'base64')) } };
    },
    keep: (modules, { key, build: { wasm, ...build } }) => {
      keepText(folder, name(modules), JSON.stringify({ key, build, wasm: Buffer.from(wasm).toString('base64') }));
    },
  };
}
