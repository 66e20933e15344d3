#include "health-aggregator/core/list_filter.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::health;

TEST_CASE("list filter: all filters are read") {
  const auto filter = read_message_filter({{"status", "FAILED"},
                                           {"channel", "SMS"},
                                           {"template_key", "PAYMENT_FAILED"},
                                           {"client_id", "acme"},
                                           {"provider", "twilio"},
                                           {"recipient", "+447700900123"},
                                           {"from", "2026-03-01T00:00:00Z"},
                                           {"to", "2026-03-02T00:00:00+01:00"},
                                           {"limit", "200"}});
  REQUIRE(filter);
  CHECK(filter->status == events::Status::FAILED);
  CHECK(filter->channel == events::Channel::SMS);
  CHECK(filter->template_key == "PAYMENT_FAILED");
  CHECK(filter->client_id == "acme");
  CHECK(filter->provider == "twilio");
  CHECK(filter->recipient == "+447700900123");
  CHECK(filter->to == from_rfc3339("2026-03-01T23:00:00Z"));
  CHECK(filter->limit == 200);
  CHECK(read_message_filter({})->limit == page_limit_default);
}

TEST_CASE("list filter: a bad filter is refused with its name first") {
  const std::vector<std::pair<std::string, std::string>> bad{{"status", "SENDING"},
                                                             {"status", ""},
                                                             {"status", "STATUS_UNSPECIFIED"},
                                                             {"channel", "FAX"},
                                                             {"template_key", ""},
                                                             {"client_id", std::string(255, 'x')},
                                                             {"provider", "a\nb"},
                                                             {"recipient", "\xff"},
                                                             {"from", "yesterday"},
                                                             {"to", "2026-13-01T00:00:00Z"},
                                                             {"limit", "0"},
                                                             {"limit", "201"},
                                                             {"limit", "ten"},
                                                             {"limit", "1e1"},
                                                             {"limit", " 1"},
                                                             {"limit", "99999999999"},
                                                             {"sort", "asc"}};
  for (const auto& [name, value] : bad) {
    const auto filter = read_message_filter({{name, value}});
    INFO(name << "=" << value);
    REQUIRE_FALSE(filter);
    CHECK(filter.error().code == "INVALID_FIELD");
    CHECK(filter.error().detail.starts_with(name + ": "));
  }
}

TEST_CASE("list filter: a span that ends before it starts is refused") {
  const auto filter = read_audit_filter({{"from", "2026-03-02T00:00:00Z"}, {"to", "2026-03-01T00:00:00Z"}});
  REQUIRE_FALSE(filter);
  CHECK(filter.error().detail.starts_with("from: "));
}

TEST_CASE("list filter: an unknown parameter with odd characters is not echoed") {
  const auto filter = read_audit_filter({{"a\r\nb", "1"}});
  REQUIRE_FALSE(filter);
  CHECK(filter.error().detail.starts_with("query: "));
}
