#include "orchestrator/adapters/unsubscribe_page.hpp"

#include <catch2/catch.hpp>

#include "security/digest.hpp"

using namespace carillon;
using namespace carillon::orchestrator;

namespace {

constexpr UnsubscribePage every_page[]{UnsubscribePage::ASK, UnsubscribePage::DONE, UnsubscribePage::UNKNOWN,
                                       UnsubscribePage::NOT_ASKED, UnsubscribePage::LATER};

bool says(const http::Response& page, const std::string& text) {
  return page.body.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("unsubscribe page: each has its status, one heading and no script") {
  const int statuses[]{200, 200, 404, 400, 503};
  for (std::size_t i = 0; i < std::size(every_page); ++i) {
    const auto page = unsubscribe_page(every_page[i], "monthly_digest");
    CHECK(page.status == statuses[i]);
    CHECK(page.content_type == "text/html; charset=utf-8");
    CHECK(page.body.find("<h1>") != std::string::npos);
    CHECK(page.body.find("<h1>") == page.body.rfind("<h1>"));
    CHECK_FALSE(says(page, "<script"));
    CHECK_FALSE(says(page, "{{"));
    CHECK(says(page, "width=device-width"));
  }
}

TEST_CASE("unsubscribe page: only the question has a button, and it posts what RFC 8058 asks for") {
  const auto ask = unsubscribe_page(UnsubscribePage::ASK, "monthly_digest");
  CHECK(says(ask, "<form method=\"post\">"));
  CHECK(says(ask, "name=\"List-Unsubscribe\" value=\"One-Click\""));
  CHECK(ask.body.find("<button>") == ask.body.rfind("<button>"));
  CHECK(says(ask, "<strong>monthly digest</strong>"));
  for (const auto page :
       {UnsubscribePage::DONE, UnsubscribePage::UNKNOWN, UnsubscribePage::NOT_ASKED, UnsubscribePage::LATER})
    CHECK_FALSE(says(unsubscribe_page(page), "<button"));
}

TEST_CASE("unsubscribe page: the policy allows its one style and its own form, nothing else; it is not stored") {
  for (const auto kind : every_page) {
    const auto page = unsubscribe_page(kind);
    const auto begin = page.body.find("<style>") + 7, end = page.body.find("</style>");
    REQUIRE(end != std::string::npos);
    const std::string hash = security::base64(security::sha256(page.body.substr(begin, end - begin)));
    CHECK(http::field(page.headers, "Content-Security-Policy") ==
          "default-src 'none'; style-src 'sha256-" + hash +
              "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    CHECK(http::field(page.headers, "Cache-Control") == "no-store");
    CHECK(http::field(page.headers, "Referrer-Policy") == "no-referrer");
    CHECK(http::field(page.headers, "X-Robots-Tag") == "noindex");
  }
}

TEST_CASE("unsubscribe page: our categories are shown in words for people") {
  CHECK(says(unsubscribe_page(UnsubscribePage::ASK, "leads"), "<strong>follow-ups to an enquiry</strong>"));
  CHECK(says(unsubscribe_page(UnsubscribePage::DONE, "digests"), "<strong>regular summaries</strong>"));
}

TEST_CASE("unsubscribe page: a category is shown as text") {
  const auto page = unsubscribe_page(UnsubscribePage::ASK, "<img src=x onerror=alert(1)>");
  CHECK_FALSE(says(page, "<img"));
  CHECK(says(page, "&lt;img"));
}
