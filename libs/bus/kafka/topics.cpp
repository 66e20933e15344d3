#include "bus/kafka/topics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include "bus/kafka/client.hpp"

namespace carillon::bus {
namespace {

constexpr std::chrono::milliseconds answer_max{10'000};
constexpr std::chrono::milliseconds look_again_after{20};
constexpr std::chrono::hours dead_letter_retention{30 * 24};
constexpr int replicas_for_two_in_sync = 3;
constexpr int topic_message_bytes_max = 1'048'576;  // record_bytes_max and what headers and framing add

using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, kafka::Destroy<rd_kafka_NewTopic_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, kafka::Destroy<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, kafka::Destroy<rd_kafka_event_destroy>>;
using Options = std::unique_ptr<rd_kafka_AdminOptions_t, kafka::Destroy<rd_kafka_AdminOptions_destroy>>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, kafka::Destroy<rd_kafka_metadata_destroy>>;

kafka::ClientHandle admin_client(const KafkaSettings& settings) {
  return kafka::ClientConfig(settings, "carillon-topics").make(RD_KAFKA_PRODUCER);
}

Metadata all_topics(rd_kafka_t* client) {
  const rd_kafka_metadata_t* answer = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(client, 1, nullptr, &answer, static_cast<int>(answer_max.count()));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(fmt::format("no answer from the brokers: {}", rd_kafka_err2str(error)));
  return Metadata(answer);
}

std::string difference(const TopicPlan& plan, const rd_kafka_metadata_topic_t& there) {
  if (there.partition_cnt != plan.partitions)
    return fmt::format("has {} partitions, needs {}", there.partition_cnt, plan.partitions);
  const int replicas = there.partition_cnt > 0 ? there.partitions[0].replica_cnt : 0;
  if (replicas < plan.replication) return fmt::format("has {} replicas, should have {}", replicas, plan.replication);
  return {};
}

std::vector<TopicFinding> compare(const rd_kafka_metadata_t& metadata, const std::vector<TopicPlan>& plans) {
  const std::span topics(metadata.topics, static_cast<std::size_t>(metadata.topic_cnt));
  std::vector<TopicFinding> findings;
  for (const TopicPlan& plan : plans) {
    const auto there =
        std::find_if(topics.begin(), topics.end(), [&](const auto& topic) { return plan.name == topic.topic; });
    if (there == topics.end()) {
      findings.push_back({plan.name, TopicFinding::State::MISSING, {}});
      continue;
    }
    std::string detail = difference(plan, *there);
    const auto state = detail.empty() ? TopicFinding::State::FINE : TopicFinding::State::DIFFERENT;
    findings.push_back({plan.name, state, std::move(detail)});
  }
  return findings;
}

NewTopic new_topic(const TopicPlan& plan) {
  char reason[512];
  NewTopic topic(rd_kafka_NewTopic_new(plan.name.c_str(), plan.partitions, plan.replication, reason, sizeof reason));
  if (!topic) throw std::runtime_error(fmt::format("{}: {}", plan.name, reason));
  for (const auto& [name, value] : plan.config) rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
  return topic;
}

// Name -> "" for a topic that was made, else why not.
std::map<std::string, std::string> create(rd_kafka_t* client, const std::vector<TopicPlan>& plans) {
  std::vector<NewTopic> topics;
  std::vector<rd_kafka_NewTopic_t*> pointers;
  for (const TopicPlan& plan : plans) pointers.push_back(topics.emplace_back(new_topic(plan)).get());
  const Queue queue(rd_kafka_queue_new(client));
  const Options options(rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS));
  char reason[512];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(answer_max.count()), reason, sizeof reason);
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), static_cast<int>(answer_max.count()), reason,
                                              sizeof reason);
  rd_kafka_CreateTopics(client, pointers.data(), pointers.size(), options.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), 2 * static_cast<int>(answer_max.count())));
  if (!event) throw std::runtime_error("the brokers didn't say whether they made the topics");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(fmt::format("making topics: {}", rd_kafka_event_error_string(event.get())));
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  std::map<std::string, std::string> made;
  for (std::size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[i]);
    const char* const text = rd_kafka_topic_result_error_string(results[i]);
    const bool fine = error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS;
    made[rd_kafka_topic_result_name(results[i])] = fine ? "" : text != nullptr ? text : rd_kafka_err2str(error);
  }
  return made;
}

// A broker hears of new topics a moment after the controller has made them.
void wait_until_known(rd_kafka_t* client, const std::vector<TopicPlan>& plans) {
  const auto deadline = std::chrono::steady_clock::now() + answer_max;
  const auto is_missing = [](const TopicFinding& finding) { return finding.state == TopicFinding::State::MISSING; };
  for (;;) {
    const std::vector<TopicFinding> findings = compare(*all_topics(client), plans);
    if (std::none_of(findings.begin(), findings.end(), is_missing)) return;
    if (std::chrono::steady_clock::now() >= deadline) throw std::runtime_error("the brokers don't know the new topics");
    rd_kafka_poll(client, static_cast<int>(look_again_after.count()));
  }
}

}  // namespace

std::vector<TopicPlan> topic_plans(const KafkaSettings& settings, const TopicPlanSettings& wanted) {
  std::vector<TopicPlan> plans;
  for (const Topic& topic : topics::all) {
    TopicPlan plan{kafka::topic_name(settings, topic), wanted.partitions, wanted.replication, {}};
    const bool dead_letters = dead_letter_topic(topic).name == topic.name;
    const auto kept = dead_letters ? std::max(dead_letter_retention, wanted.retention) : wanted.retention;
    plan.config["cleanup.policy"] = topic.state ? "compact" : "delete";
    if (!topic.state) plan.config["retention.ms"] = std::to_string(std::chrono::milliseconds(kept).count());
    plan.config["max.message.bytes"] = std::to_string(topic_message_bytes_max);
    if (wanted.replication >= replicas_for_two_in_sync) plan.config["min.insync.replicas"] = "2";
    plans.push_back(std::move(plan));
  }
  return plans;
}

std::vector<TopicFinding> find_topics(const KafkaSettings& settings, const std::vector<TopicPlan>& plans) {
  const kafka::ClientHandle client = admin_client(settings);
  return compare(*all_topics(client.get()), plans);
}

std::vector<TopicFinding> make_topics(const KafkaSettings& settings, const std::vector<TopicPlan>& plans) {
  const kafka::ClientHandle client = admin_client(settings);
  std::vector<TopicFinding> findings = compare(*all_topics(client.get()), plans);
  std::vector<TopicPlan> missing;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (findings[i].state == TopicFinding::State::MISSING) missing.push_back(plans[i]);
  }
  if (missing.empty()) return findings;
  const std::map<std::string, std::string> made = create(client.get(), missing);
  std::erase_if(missing,
                [&](const TopicPlan& plan) { return !made.contains(plan.name) || !made.at(plan.name).empty(); });
  wait_until_known(client.get(), missing);
  for (TopicFinding& finding : findings) {
    const auto found = made.find(finding.name);
    if (finding.state != TopicFinding::State::MISSING || found == made.end()) continue;
    finding.state = found->second.empty() ? TopicFinding::State::MADE : TopicFinding::State::REFUSED;
    finding.detail = found->second;
  }
  return findings;
}

}  // namespace carillon::bus
