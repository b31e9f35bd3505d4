/** The part of the WebAssembly JavaScript API that this folder uses: Node's own types leave it to the DOM library. */
declare namespace WebAssembly {
  class Module {
    private readonly brand: 'module';
    static exports(module: Module): readonly { readonly name: string; readonly kind: string }[];
    static imports(module: Module): readonly { readonly module: string; readonly name: string }[];
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(size: { readonly initial: number; readonly maximum: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class RuntimeError extends Error {}
  interface Global {
    value: number;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
