#include <random>
#include <set>

#include "health-aggregator/app/find_messages.hpp"
#include "health-aggregator/core/page_cursor.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::health;
using namespace carillon::health::testing;
using events::Channel;

namespace {

const std::string old_key(64, 'b'), new_key(64, 'a');

struct Searched : World {
  Searched() : ingest(metrics, clock), feed(*this, ingest), connection(as_health()) {}

  int number_below(int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); }

  // All facts by chance, out of few; some are still under way, some have receipts.
  void add_message() {
    clock.advance(std::chrono::seconds{1});
    MessageEvent event = message_event(new_uuid(clock.now()), Status::QUEUED, clock.now());
    event.channel = static_cast<Channel>(1 + number_below(2));
    event.template_key = "TEMPLATE_" + std::to_string(number_below(4));
    event.client_id = number_below(5) == 0 ? "" : "client" + std::to_string(number_below(4));
    event.recipient = "person" + std::to_string(number_below(6)) + "@example.com";
    event.recipient_hash = sealer.reference(event.recipient);
    std::vector<MessageEvent> events{event};
    const auto then = [&](Status status, int attempt) {
      event.status = status;
      event.attempt = attempt;
      event.provider = attempt == 1 ? "postmark" : "ses";
      event.recipient.clear();
      events.push_back(event);
    };
    int attempt = 1;
    if (number_below(4) == 0) then(Status::ATTEMPT_FAILED, attempt++);
    if (number_below(8) > 0) {
      then(number_below(5) == 0 ? Status::FAILED : Status::SENT, attempt);
      if (events.back().status == Status::SENT && number_below(2) == 0)
        then(number_below(4) == 0 ? Status::BOUNCED : Status::DELIVERED, attempt);
    }
    histories.push_back(events);
    feed(events);
  }

  MessageFilter any_filter() {
    MessageFilter filter;
    const auto wanted = [&] { return number_below(3) == 0; };
    constexpr std::array statuses{Status::QUEUED, Status::SENT,    Status::ATTEMPT_FAILED,
                                  Status::FAILED, Status::BOUNCED, Status::DELIVERED};
    if (wanted()) filter.status = statuses[static_cast<std::size_t>(number_below(statuses.size()))];
    if (wanted()) filter.channel = static_cast<Channel>(1 + number_below(2));
    if (wanted()) filter.template_key = "TEMPLATE_" + std::to_string(number_below(5));
    if (wanted()) filter.client_id = "client" + std::to_string(number_below(5));
    if (wanted()) filter.provider = number_below(2) == 0 ? "postmark" : "ses";
    if (wanted()) filter.recipient = "Person" + std::to_string(number_below(7)) + "@EXAMPLE.com";
    if (wanted()) filter.from = begin + std::chrono::seconds{number_below(300)};
    if (wanted()) filter.to = begin + std::chrono::seconds{301 + number_below(300)};
    filter.limit = 1 + number_below(60);
    return filter;
  }

  bool fits(const std::vector<MessageEvent>& history, const MessageFilter& filter) const {
    const MessageEvent& first = history.front();
    const MessageView view = view_of(history);
    const UtcTime accepted = *uuid_time(first.message_id);
    std::string recipient = filter.recipient.value_or(first.recipient);
    std::transform(recipient.begin(), recipient.end(), recipient.begin(), [](char c) { return std::tolower(c); });
    return (!filter.status || view.status == *filter.status || view.delivery_status == *filter.status) &&
           (!filter.channel || first.channel == *filter.channel) &&
           (!filter.template_key || first.template_key == *filter.template_key) &&
           (!filter.client_id || first.client_id == *filter.client_id) && recipient == first.recipient &&
           (!filter.provider || std::any_of(history.begin(), history.end(),
                                            [&](const auto& e) { return e.provider == *filter.provider; })) &&
           (!filter.from || accepted >= *filter.from) && (!filter.to || accepted < *filter.to);
  }

  std::vector<std::string> all_pages(MessageFilter filter) {
    std::vector<std::string> ids;
    for (int page = 0; page < 2'000; ++page) {
      const auto found = find_messages(connection, filter, sealer);
      REQUIRE(found);
      REQUIRE(found->messages.size() <= static_cast<std::size_t>(filter.limit));
      for (const MessageView& message : found->messages) ids.push_back(message.message_id);
      if (!found->next_cursor) return ids;
      filter.cursor = found->next_cursor;
    }
    FAIL("the pages never end");
    return ids;
  }

  // Messages of acme, more than two pages look at; the oldest alone is of the template RARE and to this recipient.
  void fill_with_one_rare(const std::string& recipient) {
    constexpr int rows = page_rows_max * 2 + 100;
    owner().run(
        "INSERT INTO health.message_log SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 13, "
        "0, now(), CASE WHEN n = 1 THEN 'RARE' ELSE 'OFTEN' END, 1, 1, 2, 'acme', '', CASE WHEN n = 1 THEN '" +
        sealer.reference(recipient) +
        "' ELSE '' END, '', '', '', 0, '', '', '', 0, 0, false, '' FROM generate_series(1, " + std::to_string(rows) +
        ") n");
  }

  std::mt19937 random{std::random_device{}()};
  security::Sealer sealer = *security::Sealer::from_text(new_key);
  const UtcTime begin = clock.now();
  IngestMessageLog ingest;
  Feed feed;
  pg::Connection connection;
  std::vector<std::vector<MessageEvent>> histories;
};

}  // namespace

TEST_CASE_METHOD(Searched, "message log search: any combination of filters finds what fits, each once, newest first") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  random.seed(seed);
  for (int i = 0; i < 600; ++i) add_message();
  for (int i = 0; i < 150; ++i) {
    const MessageFilter filter = any_filter();
    std::vector<std::string> expected;
    for (auto history = histories.rbegin(); history != histories.rend(); ++history)
      if (fits(*history, filter)) expected.push_back(history->front().message_id);
    CAPTURE(i, filter.limit, filter.template_key.value_or("*"), filter.client_id.value_or("*"),
            filter.provider.value_or("*"), filter.recipient.value_or("*"),
            filter.status ? events::enum_name(*filter.status) : "*");
    REQUIRE(all_pages(filter) == expected);
  }
}

TEST_CASE_METHOD(Searched, "message log search: a recipient is found under every key in rotation, and nobody else is") {
  const auto log = [&](const std::string& keys, const std::string& recipient) {
    clock.advance(std::chrono::seconds{1});
    MessageEvent event = message_event(new_uuid(clock.now()), Status::QUEUED, clock.now());
    event.recipient_hash = security::Sealer::from_text(keys)->reference(recipient);
    feed(std::vector{event});
    return event.message_id;
  };
  const std::string before = log(old_key, "ann@example.com"), after = log(new_key + "," + old_key, "ann@example.com");
  log(old_key, "bob@example.com");
  MessageFilter filter;
  filter.recipient = "ANN@example.com";
  sealer = *security::Sealer::from_text(new_key + "," + old_key);
  CHECK(all_pages(filter) == std::vector{after, before});
  filter.limit = 1;
  CHECK(all_pages(filter) == std::vector{after, before});
  sealer = *security::Sealer::from_text(new_key);
  CHECK(all_pages(filter) == std::vector{after});
}

TEST_CASE_METHOD(Searched, "message log search: a page looks at a bounded number of rows and says where to go on") {
  fill_with_one_rare("ann@example.com");
  MessageFilter filter;
  filter.client_id = "acme";
  filter.template_key = "RARE";
  const auto first = find_messages(connection, filter, sealer);
  CHECK(first->messages.empty());
  REQUIRE(first->next_cursor);
  CHECK(all_pages(filter).size() == 1);
  filter.client_id.reset();
  const auto led_by_template = find_messages(connection, filter, sealer);
  CHECK(led_by_template->messages.size() == 1);
  CHECK_FALSE(led_by_template->next_cursor);
}

TEST_CASE_METHOD(Searched, "message log search: the recipient's index leads, also where only references are known") {
  fill_with_one_rare("ann@example.com");
  MessageFilter filter;
  filter.client_id = "acme";
  filter.recipient_hashes = {std::string(64, '0'), sealer.reference("ann@example.com")};
  const auto found = find_messages(connection, filter, sealer);
  CHECK(found->messages.size() == 1);
  CHECK_FALSE(found->next_cursor);
}
