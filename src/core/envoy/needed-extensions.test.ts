import { expect, test } from 'vitest';
import { ListenerSchema } from '../../gen/envoy/config/listener/v3/listener_pb.js';
import { RouterSchema } from '../../gen/envoy/extensions/filters/http/router/v3/router_pb.js';
import { HttpConnectionManagerSchema } from '../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
import { neededExtensions } from './needed-extensions.ts';
import { envoyResource, extension } from './resource.ts';

const router = extension('envoy.filters.http.router', RouterSchema, {});

function listener(statPrefix: string) {
  const manager = extension('manager', HttpConnectionManagerSchema, { statPrefix, httpFilters: [router] });
  return envoyResource(ListenerSchema, { name: 'api', filterChains: [{ filters: [manager] }] }, []);
}

test('every packed message is needed, however deep', () => {
  expect(neededExtensions([listener('edge'), listener('other')])).toEqual([
    'envoy.extensions.filters.http.router.v3.Router',
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
  ]);
});

test('a text that reads like one is none', () => {
  expect(neededExtensions([listener('type.googleapis.com/envoy.Made.Up')])).toEqual([
    'envoy.extensions.filters.http.router.v3.Router',
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
  ]);
});

test('nothing is needed for nothing', () => {
  expect(neededExtensions([])).toEqual([]);
});
