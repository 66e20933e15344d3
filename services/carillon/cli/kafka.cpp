// carillon kafka topics: the topics as they have to be on the broker, and making them.
// carillon kafka ship-again: after the broker has lost data.
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "bus/kafka/topics.hpp"
#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"
#include "service/app/bus_settings.hpp"

namespace carillon::cli {
namespace {

struct TopicsOptions {
  int replication = 3;
  bool apply = false, json = false;
};

// The engine's settings as the services read them; the command is about Kafka whatever CARILLON_BUS says.
std::pair<bus::KafkaSettings, bus::TopicPlanSettings> read_settings(int replication) {
  service::Environment environment = service::process_environment();
  environment["CARILLON_BUS"] = "kafka";
  service::Settings settings(environment);
  const service::BusSettings bus = service::read_bus_settings(settings);
  settings.finish();
  return {*bus.kafka, {.partitions = bus.partitions, .replication = replication, .retention = bus.retention}};
}

const char* name_of(bus::TopicFinding::State state) {
  using enum bus::TopicFinding::State;
  switch (state) {
    case FINE:
      return "fine";
    case MISSING:
      return "missing";
    case DIFFERENT:
      return "different";
    case MADE:
      return "made";
    case REFUSED:
      return "refused";
  }
  return "";
}

std::string config_of(const bus::TopicPlan& plan) {
  std::string text;
  for (const auto& [name, value] : plan.config) text += (text.empty() ? "" : " ") + name + "=" + value;
  return text;
}

void topics(const TopicsOptions& options) {
  const auto [kafka, wanted] = read_settings(options.replication);
  const std::vector<bus::TopicPlan> plans = bus::topic_plans(kafka, wanted);
  const auto findings = options.apply ? bus::make_topics(kafka, plans) : bus::find_topics(kafka, plans);
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const bus::TopicPlan& plan = plans[i];
    if (options.json) {
      std::cout << "{\"topic\":" << http::json_string(plan.name) << ",\"partitions\":" << plan.partitions
                << ",\"replication\":" << plan.replication << ",\"config\":" << http::json_string(config_of(plan))
                << ",\"state\":\"" << name_of(findings[i].state)
                << "\",\"detail\":" << http::json_string(findings[i].detail) << "}\n";
    }
    rows.push_back({plan.name, std::to_string(plan.partitions), std::to_string(plan.replication), config_of(plan),
                    name_of(findings[i].state) + (findings[i].detail.empty() ? "" : ": " + findings[i].detail)});
  }
  if (!options.json) std::cout << table({"TOPIC", "PARTITIONS", "REPLICAS", "SETTINGS", "ON THE BROKER"}, rows);
  using State = bus::TopicFinding::State;
  const auto is_bad = [&](const bus::TopicFinding& finding) {
    return finding.state == State::REFUSED || finding.state == State::DIFFERENT ||
           (finding.state == State::MISSING && options.apply);
  };
  if (std::any_of(findings.begin(), findings.end(), is_bad))
    throw CommandFailed{REFUSED, "not all topics are as they have to be"};
}

void ship_again() {
  pg::Connection connection(owner_connection());
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : connection.run("SELECT topic, partition, next_seq FROM bus.ship_again() ORDER BY 1, 2"))
    rows.push_back({row[0].c_str(), row[1].c_str(), row[2].c_str()});
  if (rows.empty()) throw CommandFailed{REFUSED, "nothing has been shipped from this database yet"};
  std::cout << table({"TOPIC", "PARTITION", "FROM"}, rows);
}

}  // namespace

void add_kafka(CLI::App& app) {
  auto options = std::make_shared<TopicsOptions>();
  auto* command = app.add_subcommand("kafka", "The broker: carillon kafka topics")->require_subcommand(1);
  auto* list = command->add_subcommand("topics", "the topics as they have to be, and whether the broker has them");
  list->add_flag("--apply", options->apply, "make those that are missing; never changes what is there");
  list->add_option("--replication", options->replication, "replicas of each (3)")->check(CLI::Range(1, 9));
  list->add_flag("--json", options->json, "one JSON object a line");
  list->callback([options] { topics(*options); });
  command->add_subcommand("ship-again", "after the broker has lost data: ship the outbox again, read topics anew")
      ->callback(ship_again);
}

}  // namespace carillon::cli
