#include "orchestrator/adapters/unsubscribe_page.hpp"

#include <algorithm>
#include <array>
#include <kainjow/mustache.hpp>

#include "orchestrator/adapters/page_values.hpp"
#include "security/digest.hpp"

namespace carillon::orchestrator {
namespace {

using kainjow::mustache::data;

// Nothing but the page's one style and its own form.
const std::string& policy() {
  static const std::string text = "default-src 'none'; style-src 'sha256-" +
                                  security::base64(security::sha256(page_file("unsubscribe.css"))) +
                                  "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  return text;
}

// Our categories in words for people; others are shown as they are called.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> category_words{{
    {"digests", "regular summaries"},
    {"leads", "follow-ups to an enquiry"},
    {"onboarding", "tips for getting started"},
    {"reports", "scheduled reports"},
}};

std::string words_for(const std::string& category) {
  for (const auto& [name, words] : category_words) {
    if (name == category) return std::string(words);
  }
  std::string words = category;
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

struct Words {
  int status;
  const char* section;  // of unsubscribe.mustache
  const char* title;
};

Words words_of(UnsubscribePage page) {
  switch (page) {
    case UnsubscribePage::ASK:
      return {200, "ask", "Unsubscribe?"};
    case UnsubscribePage::DONE:
      return {200, "done", "You are unsubscribed"};
    case UnsubscribePage::UNKNOWN:
      return {404, "unknown", "This link does not work"};
    case UnsubscribePage::NOT_ASKED:
      return {400, "not_asked", "Nothing was changed"};
    default:
      return {503, "later", "Not possible just now"};
  }
}

}  // namespace

http::Response unsubscribe_page(UnsubscribePage page, const std::string& category) {
  const Words words = words_of(page);
  data values{data::type::object};
  values["title"] = data{words.title};
  values["style"] = data{std::string(page_file("unsubscribe.css"))};
  values["kind"] = data{words_for(category)};
  values[words.section] = data{true};
  kainjow::mustache::mustache source{std::string(page_file("unsubscribe.mustache"))};
  http::Response response;
  response.status = words.status;
  response.content_type = "text/html; charset=utf-8";
  response.body = source.render(values);
  response.headers = {{"Content-Security-Policy", policy()},
                      {"Cache-Control", "no-store"},
                      {"Referrer-Policy", "no-referrer"},
                      {"X-Robots-Tag", "noindex"}};
  if (page == UnsubscribePage::LATER) response.headers.emplace_back("Retry-After", "10");
  return response;
}

}  // namespace carillon::orchestrator
