// Written by scripts/proto/write-registry.ts.
import { file_adapter_adapter } from './adapter/adapter_pb.js';
import { file_beside_envoy_csds } from './beside_envoy/csds_pb.js';
import { file_envoy_admin_v3_config_dump_shared } from './envoy/admin/v3/config_dump_shared_pb.js';
import { file_envoy_config_accesslog_v3_accesslog } from './envoy/config/accesslog/v3/accesslog_pb.js';
import { file_envoy_config_bootstrap_v3_bootstrap } from './envoy/config/bootstrap/v3/bootstrap_pb.js';
import { file_envoy_config_cluster_v3_circuit_breaker } from './envoy/config/cluster/v3/circuit_breaker_pb.js';
import { file_envoy_config_cluster_v3_cluster } from './envoy/config/cluster/v3/cluster_pb.js';
import { file_envoy_config_common_mutation_rules_v3_mutation_rules } from './envoy/config/common/mutation_rules/v3/mutation_rules_pb.js';
import { file_envoy_config_core_v3_address } from './envoy/config/core/v3/address_pb.js';
import { file_envoy_config_core_v3_backoff } from './envoy/config/core/v3/backoff_pb.js';
import { file_envoy_config_core_v3_base } from './envoy/config/core/v3/base_pb.js';
import { file_envoy_config_core_v3_config_source } from './envoy/config/core/v3/config_source_pb.js';
import { file_envoy_config_core_v3_extension } from './envoy/config/core/v3/extension_pb.js';
import { file_envoy_config_core_v3_grpc_service } from './envoy/config/core/v3/grpc_service_pb.js';
import { file_envoy_config_core_v3_health_check } from './envoy/config/core/v3/health_check_pb.js';
import { file_envoy_config_core_v3_protocol } from './envoy/config/core/v3/protocol_pb.js';
import { file_envoy_config_core_v3_substitution_format_string } from './envoy/config/core/v3/substitution_format_string_pb.js';
import { file_envoy_config_endpoint_v3_endpoint_components } from './envoy/config/endpoint/v3/endpoint_components_pb.js';
import { file_envoy_config_endpoint_v3_endpoint } from './envoy/config/endpoint/v3/endpoint_pb.js';
import { file_envoy_config_endpoint_v3_load_report } from './envoy/config/endpoint/v3/load_report_pb.js';
import { file_envoy_config_listener_v3_listener_components } from './envoy/config/listener/v3/listener_components_pb.js';
import { file_envoy_config_listener_v3_listener } from './envoy/config/listener/v3/listener_pb.js';
import { file_envoy_config_route_v3_route_components } from './envoy/config/route/v3/route_components_pb.js';
import { file_envoy_config_route_v3_route } from './envoy/config/route/v3/route_pb.js';
import { file_envoy_data_ai_v3_token_usage } from './envoy/data/ai/v3/token_usage_pb.js';
import { file_envoy_extensions_access_loggers_file_v3_file } from './envoy/extensions/access_loggers/file/v3/file_pb.js';
import { file_envoy_extensions_access_loggers_stream_v3_stream } from './envoy/extensions/access_loggers/stream/v3/stream_pb.js';
import { file_envoy_extensions_bootstrap_internal_listener_v3_internal_listener } from './envoy/extensions/bootstrap/internal_listener/v3/internal_listener_pb.js';
import { file_envoy_extensions_clusters_aggregate_v3_cluster } from './envoy/extensions/clusters/aggregate/v3/cluster_pb.js';
import { file_envoy_extensions_config_validators_minimum_clusters_v3_minimum_clusters } from './envoy/extensions/config/validators/minimum_clusters/v3/minimum_clusters_pb.js';
import { file_envoy_extensions_filters_http_ai_protocol_manager_v3_ai_protocol_manager } from './envoy/extensions/filters/http/ai_protocol_manager/v3/ai_protocol_manager_pb.js';
import { file_envoy_extensions_filters_http_credential_injector_v3_credential_injector } from './envoy/extensions/filters/http/credential_injector/v3/credential_injector_pb.js';
import { file_envoy_extensions_filters_http_ext_proc_v3_ext_proc } from './envoy/extensions/filters/http/ext_proc/v3/ext_proc_pb.js';
import { file_envoy_extensions_filters_http_ext_proc_v3_processing_mode } from './envoy/extensions/filters/http/ext_proc/v3/processing_mode_pb.js';
import { file_envoy_extensions_filters_http_header_mutation_v3_header_mutation } from './envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js';
import { file_envoy_extensions_filters_http_json_to_metadata_v3_json_to_metadata } from './envoy/extensions/filters/http/json_to_metadata/v3/json_to_metadata_pb.js';
import { file_envoy_extensions_filters_http_router_v3_router } from './envoy/extensions/filters/http/router/v3/router_pb.js';
import { file_envoy_extensions_filters_http_upstream_codec_v3_upstream_codec } from './envoy/extensions/filters/http/upstream_codec/v3/upstream_codec_pb.js';
import { file_envoy_extensions_filters_network_http_connection_manager_v3_http_connection_manager } from './envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
import { file_envoy_extensions_http_early_header_mutation_header_mutation_v3_header_mutation } from './envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation_pb.js';
import { file_envoy_extensions_http_injected_credentials_generic_v3_generic } from './envoy/extensions/http/injected_credentials/generic/v3/generic_pb.js';
import { file_envoy_extensions_load_balancing_policies_least_request_v3_least_request } from './envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb.js';
import { file_envoy_extensions_load_balancing_policies_override_host_v3_override_host } from './envoy/extensions/load_balancing_policies/override_host/v3/override_host_pb.js';
import { file_envoy_extensions_retry_host_previous_hosts_v3_previous_hosts } from './envoy/extensions/retry/host/previous_hosts/v3/previous_hosts_pb.js';
import { file_envoy_extensions_retry_priority_previous_priorities_v3_previous_priorities_config } from './envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config_pb.js';
import { file_envoy_extensions_router_cluster_specifiers_priority_group_v3_priority_group } from './envoy/extensions/router/cluster_specifiers/priority_group/v3/priority_group_pb.js';
import { file_envoy_extensions_transport_sockets_tls_v3_common } from './envoy/extensions/transport_sockets/tls/v3/common_pb.js';
import { file_envoy_extensions_transport_sockets_tls_v3_secret } from './envoy/extensions/transport_sockets/tls/v3/secret_pb.js';
import { file_envoy_extensions_transport_sockets_tls_v3_tls } from './envoy/extensions/transport_sockets/tls/v3/tls_pb.js';
import { file_envoy_extensions_upstreams_http_v3_http_protocol_options } from './envoy/extensions/upstreams/http/v3/http_protocol_options_pb.js';
import { file_envoy_service_discovery_v3_ads } from './envoy/service/discovery/v3/ads_pb.js';
import { file_envoy_service_discovery_v3_discovery } from './envoy/service/discovery/v3/discovery_pb.js';
import { file_envoy_service_ext_proc_v3_external_processor } from './envoy/service/ext_proc/v3/external_processor_pb.js';
import { file_envoy_service_load_stats_v3_lrs } from './envoy/service/load_stats/v3/lrs_pb.js';
import { file_envoy_service_runtime_v3_rtds } from './envoy/service/runtime/v3/rtds_pb.js';
import { file_envoy_type_ai_v3_llm_protocol } from './envoy/type/ai/v3/llm_protocol_pb.js';
import { file_envoy_type_matcher_v3_metadata } from './envoy/type/matcher/v3/metadata_pb.js';
import { file_envoy_type_matcher_v3_node } from './envoy/type/matcher/v3/node_pb.js';
import { file_envoy_type_matcher_v3_number } from './envoy/type/matcher/v3/number_pb.js';
import { file_envoy_type_matcher_v3_regex } from './envoy/type/matcher/v3/regex_pb.js';
import { file_envoy_type_matcher_v3_string } from './envoy/type/matcher/v3/string_pb.js';
import { file_envoy_type_matcher_v3_struct } from './envoy/type/matcher/v3/struct_pb.js';
import { file_envoy_type_matcher_v3_value } from './envoy/type/matcher/v3/value_pb.js';
import { file_envoy_type_metadata_v3_metadata } from './envoy/type/metadata/v3/metadata_pb.js';
import { file_envoy_type_v3_http_status } from './envoy/type/v3/http_status_pb.js';
import { file_envoy_type_v3_percent } from './envoy/type/v3/percent_pb.js';
import { file_envoy_type_v3_range } from './envoy/type/v3/range_pb.js';
import { file_envoy_type_v3_semantic_version } from './envoy/type/v3/semantic_version_pb.js';
import { file_google_rpc_status } from './google/rpc/status_pb.js';

export const files = [
  file_adapter_adapter,
  file_beside_envoy_csds,
  file_envoy_admin_v3_config_dump_shared,
  file_envoy_config_accesslog_v3_accesslog,
  file_envoy_config_bootstrap_v3_bootstrap,
  file_envoy_config_cluster_v3_circuit_breaker,
  file_envoy_config_cluster_v3_cluster,
  file_envoy_config_common_mutation_rules_v3_mutation_rules,
  file_envoy_config_core_v3_address,
  file_envoy_config_core_v3_backoff,
  file_envoy_config_core_v3_base,
  file_envoy_config_core_v3_config_source,
  file_envoy_config_core_v3_extension,
  file_envoy_config_core_v3_grpc_service,
  file_envoy_config_core_v3_health_check,
  file_envoy_config_core_v3_protocol,
  file_envoy_config_core_v3_substitution_format_string,
  file_envoy_config_endpoint_v3_endpoint_components,
  file_envoy_config_endpoint_v3_endpoint,
  file_envoy_config_endpoint_v3_load_report,
  file_envoy_config_listener_v3_listener_components,
  file_envoy_config_listener_v3_listener,
  file_envoy_config_route_v3_route_components,
  file_envoy_config_route_v3_route,
  file_envoy_data_ai_v3_token_usage,
  file_envoy_extensions_access_loggers_file_v3_file,
  file_envoy_extensions_access_loggers_stream_v3_stream,
  file_envoy_extensions_bootstrap_internal_listener_v3_internal_listener,
  file_envoy_extensions_clusters_aggregate_v3_cluster,
  file_envoy_extensions_config_validators_minimum_clusters_v3_minimum_clusters,
  file_envoy_extensions_filters_http_ai_protocol_manager_v3_ai_protocol_manager,
  file_envoy_extensions_filters_http_credential_injector_v3_credential_injector,
  file_envoy_extensions_filters_http_ext_proc_v3_ext_proc,
  file_envoy_extensions_filters_http_ext_proc_v3_processing_mode,
  file_envoy_extensions_filters_http_header_mutation_v3_header_mutation,
  file_envoy_extensions_filters_http_json_to_metadata_v3_json_to_metadata,
  file_envoy_extensions_filters_http_router_v3_router,
  file_envoy_extensions_filters_http_upstream_codec_v3_upstream_codec,
  file_envoy_extensions_filters_network_http_connection_manager_v3_http_connection_manager,
  file_envoy_extensions_http_early_header_mutation_header_mutation_v3_header_mutation,
  file_envoy_extensions_http_injected_credentials_generic_v3_generic,
  file_envoy_extensions_load_balancing_policies_least_request_v3_least_request,
  file_envoy_extensions_load_balancing_policies_override_host_v3_override_host,
  file_envoy_extensions_retry_host_previous_hosts_v3_previous_hosts,
  file_envoy_extensions_retry_priority_previous_priorities_v3_previous_priorities_config,
  file_envoy_extensions_router_cluster_specifiers_priority_group_v3_priority_group,
  file_envoy_extensions_transport_sockets_tls_v3_common,
  file_envoy_extensions_transport_sockets_tls_v3_secret,
  file_envoy_extensions_transport_sockets_tls_v3_tls,
  file_envoy_extensions_upstreams_http_v3_http_protocol_options,
  file_envoy_service_discovery_v3_ads,
  file_envoy_service_discovery_v3_discovery,
  file_envoy_service_ext_proc_v3_external_processor,
  file_envoy_service_load_stats_v3_lrs,
  file_envoy_service_runtime_v3_rtds,
  file_envoy_type_ai_v3_llm_protocol,
  file_envoy_type_matcher_v3_metadata,
  file_envoy_type_matcher_v3_node,
  file_envoy_type_matcher_v3_number,
  file_envoy_type_matcher_v3_regex,
  file_envoy_type_matcher_v3_string,
  file_envoy_type_matcher_v3_struct,
  file_envoy_type_matcher_v3_value,
  file_envoy_type_metadata_v3_metadata,
  file_envoy_type_v3_http_status,
  file_envoy_type_v3_percent,
  file_envoy_type_v3_range,
  file_envoy_type_v3_semantic_version,
  file_google_rpc_status,
];
