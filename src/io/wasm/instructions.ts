import { type ByteReader, readByte, readUnsigned, skipBytes, skipInteger, WasmFormatError } from './module-bytes.ts';

/** The opcode of `loop`. */
export const LOOP = 0x03;

/**
 * Passes over one instruction and gives its opcode. Knows WebAssembly 1.0, sign extension, bulk memory and saturating
 * conversion (core specification, section 5.4); anything else is refused, so that no loop can go uncounted.
 */
export function skipInstruction(reader: ByteReader): number {
  const opcode = readByte(reader);
  if (opcode >= 0x45 && opcode <= 0xc4) return opcode;
  if (opcode >= 0x28 && opcode <= 0x3e) {
    skipInteger(reader);
    skipInteger(reader);
    return opcode;
  }
  switch (opcode) {
    case 0x00: // unreachable
    case 0x01: // nop
    case 0x05: // else
    case 0x0b: // end
    case 0x0f: // return
    case 0x1a: // drop
    case 0x1b: // select
    case 0xd1: // ref.is_null
      return opcode;
    case 0x02: // block
    case LOOP:
    case 0x04: // if
    case 0x0c: // br
    case 0x0d: // br_if
    case 0x10: // call
    case 0x20: // local.get, local.set, local.tee, global.get, global.set, table.get, table.set
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x25:
    case 0x26:
    case 0x3f: // memory.size
    case 0x40: // memory.grow
    case 0x41: // i32.const
    case 0x42: // i64.const
    case 0xd0: // ref.null
    case 0xd2: // ref.func
      skipInteger(reader);
      return opcode;
    case 0x11: // call_indirect
      skipInteger(reader);
      skipInteger(reader);
      return opcode;
    case 0x43: // f32.const
      skipBytes(reader, 4);
      return opcode;
    case 0x44: // f64.const
      skipBytes(reader, 8);
      return opcode;
    case 0x0e: // br_table
      skipTargets(reader);
      return opcode;
    case 0xfc:
      skipExtended(reader);
      return opcode;
    default:
      throw new WasmFormatError(`unknown instruction 0x${opcode.toString(16)}`);
  }
}

function skipTargets(reader: ByteReader): void {
  for (let left = readUnsigned(reader) + 1; left > 0; left -= 1) skipInteger(reader);
}

/** Immediates of the 0xfc instructions: saturating conversions 0 to 7, then memory and table instructions. */
const EXTENDED_IMMEDIATES = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

function skipExtended(reader: ByteReader): void {
  const opcode = readUnsigned(reader);
  const immediates = EXTENDED_IMMEDIATES[opcode];
  if (immediates === undefined) throw new WasmFormatError(`unknown instruction 0xfc ${opcode}`);
  for (let left = immediates; left > 0; left -= 1) skipInteger(reader);
}
