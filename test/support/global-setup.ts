/** Fails the run under a Node that cannot run our sources, before a test fails for a reason that is hard to read. */
export default function requireNode24(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 24 || (major === 24 && minor < 15)) {
    throw new Error(`the tests need Node 24.15 or later and this is ${process.versions.node}: use npm test`);
  }
}
