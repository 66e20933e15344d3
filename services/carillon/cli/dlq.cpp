// carillon dlq list|show|replay: records that no consumer could handle.
#include <fmt/format.h>

#include <charconv>
#include <iostream>
#include <optional>

#include "bus/dead_letters.hpp"
#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "http/message.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"

namespace carillon::cli {
namespace {

constexpr std::size_t list_records_max = 1'000;  // per partition
constexpr std::size_t page_records = 200;
constexpr std::size_t detail_chars_max = 60;
constexpr std::string_view header_prefix = "dlq-";

struct DlqOptions {
  std::string topic;
  std::vector<std::string> places;
  bool all = false, json = false, raw = false;
};

// Where a dead letter lies: partition/seq, as `list` prints it.
struct Place {
  int partition = 0;
  std::int64_t seq = 0;
};

std::optional<Place> parse_place(std::string_view text) {
  Place place;
  const char* const end = text.data() + text.size();
  const auto partition = std::from_chars(text.data(), end, place.partition);
  if (partition.ec != std::errc{} || partition.ptr == end || *partition.ptr != '/') return {};
  const auto seq = std::from_chars(partition.ptr + 1, end, place.seq);
  return seq.ec == std::errc{} && seq.ptr == end && place.seq >= 0 ? std::optional(place) : std::nullopt;
}

bool is_ours(std::string_view header_name) {
  return header_name.starts_with(header_prefix);
}

std::string_view reason_of(const bus::Received& letter) {
  return bus::header(letter.record.headers, "dlq-reason");
}

bus::Received letter_at(bus::Bus& bus, const bus::Topic& letters, const std::string& text) {
  const auto place = parse_place(text);
  if (!place)
    throw CommandFailed{WRONG_USAGE, "a place is PARTITION/SEQ as in `carillon dlq list`, not '" + text + "'"};
  if (place->partition < bus.partitions()) {
    auto found = bus.peek(letters, place->partition, place->seq - 1, 1);
    if (!found.empty() && found[0].seq == place->seq) return std::move(found[0]);
  }
  throw CommandFailed{REFUSED, fmt::format("no dead letter of {} at {}", letters.name, text)};
}

std::string json_line(const bus::Received& letter) {
  std::string line = fmt::format("{{\"partition\":{},\"seq\":{}", letter.partition, letter.seq);
  for (const auto& [name, value] : letter.record.headers)
    if (is_ours(name)) line += "," + http::json_string(name) + ":" + http::json_string(value);
  return line + fmt::format(",\"key\":{},\"bytes\":{},\"text\":{}}}",
                            http::json_string(for_terminal(letter.record.key)), letter.record.value.size(),
                            is_valid_utf8(letter.record.value));
}

void list_letters(const DlqOptions& options) {
  OwnerBus bus;
  std::vector<std::vector<std::string>> rows;
  for (const auto& topic : bus::topics::all) {
    if (!bus::is_dead_letter_topic(topic.name) ||
        (!options.topic.empty() && bus::dead_letter_topic(*bus::find_topic(options.topic)).name != topic.name))
      continue;
    for (int partition = 0; partition < bus->partitions(); ++partition) {
      for (const auto& letter : bus->peek(topic, partition, -1, list_records_max)) {
        if (options.json) std::cout << json_line(letter) << '\n';
        const auto& headers = letter.record.headers;
        rows.push_back({std::string(topic.name), fmt::format("{}/{}", partition, letter.seq),
                        std::string(bus::header(headers, "dlq-at")), std::string(reason_of(letter)),
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

// The headers and the value as they came; --raw: the value alone, byte for byte.
void show_letter(const DlqOptions& options) {
  OwnerBus bus;
  const auto letter = letter_at(*bus, bus::dead_letter_topic(*bus::find_topic(options.topic)), options.places.at(0));
  const std::string& value = letter.record.value;
  if (options.raw) {
    std::cout.write(value.data(), static_cast<std::streamsize>(value.size()));
    return;
  }
  for (const auto& [name, text] : letter.record.headers) std::cout << name << ": " << for_terminal(text) << '\n';
  std::cout << "key: " << for_terminal(letter.record.key) << "\n\n";
  if (is_valid_utf8(value))
    std::cout << for_terminal(value) << '\n';
  else
    std::cout << value.size() << " bytes that are not text; --raw writes them as they came\n";
}

void publish_again(bus::Outbox& out, const bus::Topic& topic, const bus::Topic& letters, const bus::Received& letter,
                   UtcTime now) {
  out.publish(topic, bus::record_of(letter));
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = "DEAD_LETTER_REPLAYED";
  audit.actor = "carillon/cli";
  audit.subject_kind = "dead_letter";
  audit.subject_id = fmt::format("{}/{}/{}", letters.name, letter.partition, letter.seq);
  audit.outcome = "PUBLISHED";
  audit.reason = reason_of(letter);
  out.publish(bus::topics::audit,
              {audit.subject_id, events::binary_headers("carillon.audit.v1", audit.actor, audit.event_id, now),
               events::to_json(audit)});
}

// Each page in one transaction with its audit entries.
class Replay {
 public:
  Replay(OwnerBus& bus, const bus::Topic& topic)
      : bus_(*bus), topic_(topic), letters_(bus::dead_letter_topic(topic)), connection_(owner_connection()) {}

  void publish(const std::vector<bus::Received>& letters) {
    bus::Outbox out;
    const UtcTime now = SystemClock{}.now();
    for (const auto& letter : letters) {
      if (const auto why = bus::replay_obstacle(letter); !why.empty()) {
        std::cerr << fmt::format("carillon: {}/{} is left out: {}\n", letter.partition, letter.seq, why);
        ++left_out_;
        continue;
      }
      publish_again(out, topic_, letters_, letter, now);
      ++published_;
    }
    if (out.empty()) return;
    pg::Transaction tx(connection_);
    bus_.flush(out, tx);
    tx.commit();
    bus_.wake(out);
  }

  void publish_all() {
    for (int partition = 0; partition < bus_.partitions(); ++partition) {
      std::int64_t after = -1;
      for (;;) {
        const auto page = bus_.peek(letters_, partition, after, page_records);
        if (page.empty()) break;
        after = page.back().seq;
        publish(page);
      }
    }
  }

  const bus::Topic& letters() const { return letters_; }
  int published() const { return published_; }
  int left_out() const { return left_out_; }

 private:
  bus::Bus& bus_;
  const bus::Topic topic_, letters_;
  pg::Connection connection_;
  int published_ = 0, left_out_ = 0;
};

void replay_letters(const DlqOptions& options) {
  if (options.all != options.places.empty()) throw CommandFailed{WRONG_USAGE, "name places, or give --all"};
  OwnerBus bus;
  const bus::Topic& topic = *bus::find_topic(options.topic);
  if (topic.name == bus::dead_letter_topic(topic).name)
    throw CommandFailed{WRONG_USAGE, "name the topic that the letters are to go back to"};
  Replay replay(bus, topic);
  if (options.all) {
    replay.publish_all();
  } else {
    std::vector<bus::Received> chosen;
    for (const auto& place : options.places) chosen.push_back(letter_at(*bus, replay.letters(), place));
    replay.publish(chosen);
  }
  if (options.json)
    std::cout << fmt::format("{{\"published\":{},\"left_out\":{}}}\n", replay.published(), replay.left_out());
  else
    std::cout << fmt::format("{} published again on {}\n", replay.published(), topic.name);
  if (replay.left_out() > 0) throw CommandFailed{REFUSED, fmt::format("{} left out", replay.left_out())};
}

}  // namespace

void add_dlq(CLI::App& app) {
  auto options = std::make_shared<DlqOptions>();
  const auto known = [](const std::string& name) {
    return bus::find_topic(name) ? std::string() : "no topic '" + name + "'";
  };
  auto* command = app.add_subcommand("dlq", "Dead letters: carillon dlq list")->require_subcommand(1);
  auto* list = command->add_subcommand("list", "records that could not be handled, with the reason");
  list->add_option("topic", options->topic, "only this topic's, e.g. notification.send-requests.v1")->check(known);
  list->add_flag("--json", options->json, "one JSON object a line");
  list->callback([options] { list_letters(*options); });
  auto* show = command->add_subcommand("show", "one of them as it came (it may hold personal data)");
  show->add_option("topic", options->topic)->required()->check(known);
  show->add_option("place", options->places, "PARTITION/SEQ")->required()->expected(1);
  show->add_flag("--raw", options->raw, "the value alone, byte for byte");
  show->callback([options] { show_letter(*options); });
  auto* replay = command->add_subcommand("replay", "publish them again on their topic, with an audit entry each");
  replay->add_option("topic", options->topic)->required()->check(known);
  replay->add_option("place", options->places, "PARTITION/SEQ, repeatable");
  replay->add_flag("--all", options->all, "every dead letter of the topic that is still kept");
  replay->add_flag("--json", options->json);
  replay->callback([options] { replay_letters(*options); });
}

}  // namespace carillon::cli
