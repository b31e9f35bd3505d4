import { expect, test } from 'vitest';
import { isIpAddress, isSocketAddress } from './ip-address.ts';

test.each([
  '0.0.0.0',
  '255.255.255.255',
  '::',
  '::1',
  'fd00::11',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7::',
  '::ffff:10.0.0.1',
])('%s is an address', (text) => {
  expect(isIpAddress(text)).toBe(true);
});

test.each([
  '',
  '10.0.0',
  '10.0.0.256',
  '10.0.0.01',
  '10.0.0.1.2',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '12345::',
  'g::',
  '1.2.3.4::',
  '[::1]',
  'localhost',
])('%j is none', (text) => {
  expect(isIpAddress(text)).toBe(false);
});

test.each(['10.0.0.1:80', '10.0.0.1:65535', '[fd00::11]:8000'])('%s is an address with a port', (text) => {
  expect(isSocketAddress(text)).toBe(true);
});

test.each(['10.0.0.1', '10.0.0.1:0', '10.0.0.1:65536', '10.0.0.1:080', 'fd00::11:8000', '[10.0.0.1]:80', 'a:80'])(
  '%s is none with a port',
  (text) => {
    expect(isSocketAddress(text)).toBe(false);
  },
);
