import { createRegistry, type Registry } from '@bufbuild/protobuf';
import { files } from '../../gen/registry.js';

/** Every protobuf type that headgate uses: resolves the Any fields of a resource in toJson and fromJson. */
export const envoyRegistry: Registry = createRegistry(...files);
