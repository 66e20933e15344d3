#include "provisioning/core/list_query.hpp"

#include <algorithm>
#include <charconv>

#include "security/digest.hpp"
#include "values/recipient.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::size_t name_chars_max = 64;
constexpr std::size_t cursor_chars_max = 512;
constexpr std::string_view cursor_begins = "p1:";

Failure refuse(std::string_view name, std::string_view why) {
  return {"INVALID_FIELD", std::string(name) + ": " + std::string(why)};
}

std::string joined(std::initializer_list<std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

std::optional<PagePlace> read_cursor(std::string_view cursor) {
  if (cursor.size() > cursor_chars_max) return std::nullopt;
  bool ok = false;
  const std::string text = security::from_base64(cursor, ok);
  if (!ok || !text.starts_with(cursor_begins)) return std::nullopt;
  const char* const end = text.data() + text.size();
  std::int64_t micros = 0;
  const auto [stop, error] = std::from_chars(text.data() + cursor_begins.size(), end, micros);
  if (error != std::errc{} || stop == end || *stop != ':') return std::nullopt;
  std::string id(stop + 1, end);
  if (id.empty() || !is_valid_utf8(id) || has_control_characters(id)) return std::nullopt;
  return PagePlace{from_unix_micros(micros), std::move(id)};
}

}  // namespace

std::optional<Failure> refuse_unknown(const QueryFields& query, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : query) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const bool printable = name.size() <= name_chars_max && is_valid_utf8(name) && !has_control_characters(name);
    return refuse(printable ? name : "query", "unknown parameter; there are " + joined(known));
  }
  return std::nullopt;
}

std::optional<Failure> read_word(const QueryFields& query, const std::string& name,
                                 std::initializer_list<std::string_view> words, std::optional<std::string>& to) {
  const auto found = query.find(name);
  if (found == query.end()) return std::nullopt;
  if (std::find(words.begin(), words.end(), found->second) == words.end())
    return refuse(name, "must be one of " + joined(words));
  to = found->second;
  return std::nullopt;
}

std::optional<Failure> read_page(const QueryFields& query, int& limit, std::optional<PagePlace>& after) {
  if (const auto found = query.find("limit"); found != query.end()) {
    const char* const end = found->second.data() + found->second.size();
    const auto [stop, error] = std::from_chars(found->second.data(), end, limit);
    if (error != std::errc{} || stop != end || limit < 1 || limit > page_rows_max)
      return refuse("limit", "must be a whole number from 1 to " + std::to_string(page_rows_max));
  }
  if (const auto found = query.find("cursor"); found != query.end()) {
    after = read_cursor(found->second);
    if (!after) return refuse("cursor", "is not one of this list; start again without it");
  }
  return std::nullopt;
}

std::string page_cursor(const PagePlace& place) {
  return security::base64_url(std::string(cursor_begins) + std::to_string(unix_micros(place.created_at)) + ":" +
                              place.id);
}

}  // namespace carillon::provisioning
