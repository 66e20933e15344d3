#include "health-aggregator/adapters/dead_letter_pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

#include "bus/dead_letters.hpp"
#include "health-aggregator/adapters/page_values.hpp"
#include "health-aggregator/app/replay_dead_letter.hpp"
#include "health-aggregator/core/health_findings.hpp"
#include "health-aggregator/core/status_words.hpp"
#include "pages/access.hpp"
#include "pages/times.hpp"
#include "values/recipient.hpp"

namespace carillon::health {

using pages::Values;

namespace {

constexpr const char* path = "/admin/dead-letters";

template <class T>
std::optional<T> whole(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::string place_of(const bus::Received& letter) {
  return fmt::format("{}/{}", letter.partition, letter.seq);
}

std::string of_header(const bus::Received& letter, std::string_view name) {
  const std::string_view value = bus::header(letter.record.headers, name);
  return is_valid_utf8(value) ? std::string(value) : "(not text)";
}

std::string path_of(const bus::Topic& letters, const bus::Received& letter) {
  return fmt::format("{}/{}/{}", path, letters.name, place_of(letter));
}

Values letter_values(const bus::Topic& letters, const bus::Received& letter, UtcTime now) {
  Values values = object_values();
  values["topic"] = std::string(bus::topic_of_dead_letters(letters).name);
  values["place"] = place_of(letter);
  values["path"] = path_of(letters, letter);
  values["at"] = pages::time_tag(letter.published_at, now);
  values["reason"] = reason_words(of_header(letter, "dlq-reason"));
  values["detail"] = of_header(letter, "dlq-detail");
  return values;
}

pages::Page letters_page(const http::Request& request) {
  pages::Page page;
  page.title = "Dead letters";
  page.sentence = "Records that could not be handled. Mend the cause, then send them back.";
  page.visitor = pages::visitor_of(request);
  page.path = path;
  page.wide = true;
  return page;
}

using Letter = std::pair<bus::Topic, bus::Received>;

void keep_newest(std::vector<Letter>& letters) {
  std::stable_sort(letters.begin(), letters.end(), [](const Letter& a, const Letter& b) {
    return std::tie(a.second.published_at, a.second.seq) > std::tie(b.second.published_at, b.second.seq);
  });
  if (letters.size() > shown_letters_max)
    letters.erase(letters.begin() + static_cast<std::ptrdiff_t>(shown_letters_max), letters.end());
}

}  // namespace

void DeadLetterPages::routes(http::Router& router) {
  const auto shown = [this](http::Response (DeadLetterPages::*handler)(const http::Request&)) {
    return pages::shown_as_page(platform_, [this, handler](const http::Request& r) { return (this->*handler)(r); });
  };
  const http::Guard admin = pages::require_session(platform_, {security::Role::ADMIN}, pages::Refusal::PAGE);
  router.add(http::Method::GET, "/admin/dead-letters", shown(&DeadLetterPages::list), admin);
  router.add(http::Method::GET, "/admin/dead-letters/{topic}/{partition}/{seq}", shown(&DeadLetterPages::show), admin);
  router.add(http::Method::POST, "/admin/dead-letters/{topic}/{partition}/{seq}/replay",
             shown(&DeadLetterPages::replay), admin);
}

bool DeadLetterPages::may_send_back(const bus::Topic& topic) const {
  return std::any_of(sent_back_.begin(), sent_back_.end(),
                     [&](const bus::Topic& one) { return one.name == topic.name; });
}

std::optional<bus::Received> DeadLetterPages::find(const http::Request& request, bus::Topic& letters) {
  const bus::Topic* topic = bus::find_topic(request.params.at("topic"));
  const auto partition = whole<int>(request.params.at("partition"));
  const auto seq = whole<std::int64_t>(request.params.at("seq"));
  if (topic == nullptr || !bus::is_dead_letter_topic(topic->name) || !partition || !seq ||
      *partition >= bus_.partitions())
    return std::nullopt;
  letters = *topic;
  auto found = bus_.peek(letters, *partition, *seq - 1, 1);
  if (found.empty() || found.front().seq != *seq) return std::nullopt;
  return std::move(found.front());
}

http::Response DeadLetterPages::list(const http::Request& request) {
  pages::Page page = letters_page(request);
  const UtcTime now = platform_.clock.now();
  std::vector<Letter> letters;
  std::int64_t total = 0;
  for (const bus::DeadLetters& of : bus::count_dead_letters(*pool_.take())) {
    total += of.records;
    const std::int64_t before = of.next_seq - 1 - static_cast<std::int64_t>(shown_letters_max);
    for (bus::Received& letter :
         bus_.peek(of.topic, of.partition, std::max<std::int64_t>(before, -1), shown_letters_max)) {
      std::string().swap(letter.record.value);  // the list shows none, and one may have a megabyte
      letters.emplace_back(of.topic, std::move(letter));
    }
    keep_newest(letters);
  }
  Values rows = list_values();
  for (const auto& [topic, letter] : letters) rows << letter_values(topic, letter, now);
  Values values = object_values();
  values["letters"] = std::move(rows);
  values[letters.empty() ? "none" : "some"] = Values{true};
  values["total"] = number_text(total);
  if (total > static_cast<std::int64_t>(letters.size()))
    values["shown"] = number_text(static_cast<std::int64_t>(letters.size()));
  return pages::render(platform_, page, page_file("dead_letters.mustache"), values);
}

http::Response DeadLetterPages::show(const http::Request& request) {
  bus::Topic letters;
  const auto letter = find(request, letters);
  if (!letter) return not_found(request);
  const bus::Topic topic = bus::topic_of_dead_letters(letters);
  pages::Page page = letters_page(request);
  page.title = fmt::format("A dead letter of {}", topic.name);
  page.sentence = "";
  const auto done = request.query.find("done");
  if (done != request.query.end())
    page.flash = {pages::Flash::Kind::DONE,
                  "It is on its way again. The letter stays here until its retention is over."};
  Values values = letter_values(letters, *letter, platform_.clock.now());
  Values headers = list_values();
  for (const auto& [name, value] : letter->record.headers) {
    Values one = object_values();
    one["name"] = std::string(name);
    one["text"] = is_valid_utf8(value) ? std::string(value) : std::string("(not text)");
    headers << one;
  }
  values["headers"] = std::move(headers);
  values["bytes"] = number_text(static_cast<std::int64_t>(letter->record.value.size()));
  if (const std::string_view why = bus::replay_obstacle(*letter); !why.empty())
    values["obstacle"] = std::string(why);
  else if (may_send_back(topic))
    values["can_replay"] = Values{true};
  else
    values["by_command"] = Values{true};
  return pages::render(platform_, page, page_file("dead_letter.mustache"), values);
}

http::Response DeadLetterPages::replay(const http::Request& request) {
  bus::Topic letters;
  const auto letter = find(request, letters);
  if (!letter) return not_found(request);
  const bus::Topic topic = bus::topic_of_dead_letters(letters);
  if (!may_send_back(topic) || !bus::replay_obstacle(*letter).empty()) {
    pages::Page page = letters_page(request);
    page.status = 409;
    return pages::notice(platform_, page, "This one can't be sent back from here.",
                         pages::Action{"Back to the letter", path_of(letters, *letter)});
  }
  replay_dead_letter(pool_, bus_, {letters, topic, *letter, pages::actor_of(request), request.traceparent},
                     platform_.clock.now());
  return pages::see_other(platform_, fmt::format("{}?done=replayed", path_of(letters, *letter)));
}

http::Response DeadLetterPages::not_found(const http::Request& request) {
  pages::Page page = letters_page(request);
  page.title = "No such dead letter";
  page.sentence = "";
  page.status = 404;
  return pages::notice(platform_, page, "It may have been there, and its retention is over.",
                       pages::Action{"All dead letters", path});
}

}  // namespace carillon::health
