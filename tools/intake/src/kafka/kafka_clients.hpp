// Makes consumer and producer from the configuration.
#pragma once

#include <map>
#include <string>

#include "kafka/kafka_handles.hpp"
#include "settings/configuration.hpp"

namespace koku::intake {

/// The properties of librdkafka: ours, the administrator's over them, and those that must be ours over both.
std::map<std::string, std::string> consumer_properties(const Configuration::Kafka& settings);
std::map<std::string, std::string> producer_properties(const Configuration::Kafka& settings);

/// A configuration object with the properties and our log. Throws ConfigurationError for a property that librdkafka
/// does not know or take; the text does not hold its value.
KafkaConf make_kafka_conf(const std::map<std::string, std::string>& properties);

/// Throws ConfigurationError.
KafkaClient make_kafka_client(rd_kafka_type_t type, KafkaConf conf);

}  // namespace koku::intake
