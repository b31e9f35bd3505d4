// Written by scripts/proto/write-registry.ts.
import type { DescFile } from '@bufbuild/protobuf';

/** Every generated file. */
export declare const files: readonly DescFile[];
