// carillon dlq list [TOPIC]: records that no consumer could handle.
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/message.hpp"
#include "values/recipient.hpp"

namespace carillon::cli {
namespace {

constexpr std::size_t list_records_max = 1'000;  // per partition
constexpr std::size_t detail_chars_max = 60;

struct DlqOptions {
  std::string topic;
  bool json = false;
};

std::string json_line(const bus::Received& received) {
  std::string line =
      "{\"partition\":" + std::to_string(received.partition) + ",\"seq\":" + std::to_string(received.seq);
  for (const auto& [name, value] : received.record.headers)
    if (name.rfind("dlq-", 0) == 0) line += "," + http::json_string(name) + ":" + http::json_string(value);
  const bool text = is_valid_utf8(received.record.value);
  return line + ",\"key\":" + http::json_string(for_terminal(received.record.key)) +
         ",\"bytes\":" + std::to_string(received.record.value.size()) + ",\"text\":" + (text ? "true" : "false") + "}";
}

void list_records(const DlqOptions& options) {
  OwnerBus bus;
  std::vector<std::vector<std::string>> rows;
  for (const auto& topic : bus::topics::all) {
    if (!topic.name.ends_with(".dlq") ||
        (!options.topic.empty() && bus::dead_letter_topic(*bus::find_topic(options.topic)).name != topic.name))
      continue;
    for (int partition = 0; partition < bus->partitions(); ++partition) {
      for (const auto& received : bus->peek(topic, partition, -1, list_records_max)) {
        if (options.json) std::cout << json_line(received) << '\n';
        const auto& headers = received.record.headers;
        rows.push_back({std::string(topic.name), std::to_string(partition) + "/" + std::to_string(received.seq),
                        std::string(bus::header(headers, "dlq-at")), std::string(bus::header(headers, "dlq-reason")),
                        for_terminal(bus::header(headers, "dlq-detail")).substr(0, detail_chars_max)});
      }
    }
  }
  if (options.json) return;
  if (rows.empty())
    std::cout << "no dead letters\n";
  else
    std::cout << table({"TOPIC", "PLACE", "AT", "REASON", "DETAIL"}, rows);
}

}  // namespace

void add_dlq(CLI::App& app) {
  auto options = std::make_shared<DlqOptions>();
  auto* command = app.add_subcommand("dlq", "Dead letters: carillon dlq list")->require_subcommand(1);
  auto* list = command->add_subcommand("list", "records that could not be handled, with the reason");
  list->add_option("topic", options->topic, "only this topic's, e.g. notification.send-requests.v1")
      ->check(
          [](const std::string& name) { return bus::find_topic(name) ? std::string() : "no topic '" + name + "'"; });
  list->add_flag("--json", options->json, "one JSON object a line");
  list->callback([options] { list_records(*options); });
}

}  // namespace carillon::cli
