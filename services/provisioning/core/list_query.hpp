// Parts of reading a list's query: which parameters there are, words, numbers, and the place a page goes on from. Pure.
#pragma once
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

using QueryFields = std::map<std::string, std::string>;

inline constexpr int page_rows_default = 50;
inline constexpr int page_rows_max = 200;

// The last row of a page, which is ordered by time and id, newest first: the next page begins behind it.
struct PagePlace {
  UtcTime created_at{};
  std::string id;
  bool operator==(const PagePlace&) const = default;
};

// Failures are INVALID_FIELD, with a detail that begins with the parameter's name; nullopt: nothing is wrong.
std::optional<Failure> refuse_unknown(const QueryFields& query, std::initializer_list<std::string_view> known);
std::optional<Failure> read_word(const QueryFields& query, const std::string& name,
                                 std::initializer_list<std::string_view> words, std::optional<std::string>& to);
// `limit` and `cursor`.
std::optional<Failure> read_page(const QueryFields& query, int& limit, std::optional<PagePlace>& after);

std::string page_cursor(const PagePlace& place);

}  // namespace carillon::provisioning
