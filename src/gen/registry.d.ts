// Written by scripts/proto/write-registry.ts.
import type { DescFile } from '@bufbuild/protobuf';

/** Every generated file of the Envoy API. */
export declare const files: readonly DescFile[];
