#include <catch2/catch.hpp>

#include "provisioning/core/client_list.hpp"
#include "provisioning/core/job_list.hpp"

using namespace carillon;
using namespace carillon::provisioning;

TEST_CASE("list query: a cursor leads back to its place") {
  const PagePlace place{from_unix_micros(1'790'000'000'000'001), "acme:1"};
  const auto filter = read_client_filter({{"cursor", page_cursor(place)}, {"limit", "200"}});
  REQUIRE(filter);
  CHECK(filter->after == place);
  CHECK(filter->limit == 200);
}

TEST_CASE("list query: filters of clients") {
  const auto filter = read_client_filter({{"plan", "PRO"},
                                          {"onboarding_status", "PENDING"},
                                          {"subscription_status", "past_due"},
                                          {"payment_active", "true"},
                                          {"email", "Ann@ACME.example"},
                                          {"deleted", "true"}});
  REQUIRE(filter);
  CHECK(filter->plan == "PRO");
  CHECK(filter->onboarding_status == "PENDING");
  CHECK(filter->subscription_status == "past_due");
  CHECK(filter->payment_active == true);
  CHECK(filter->email == "Ann@acme.example");
  CHECK(filter->deleted);
}

TEST_CASE("list query: what is wrong is named") {
  const auto [name, value] = GENERATE(table<std::string, std::string>({{"plan", "GOLD"},
                                                                       {"onboarding_status", ""},
                                                                       {"subscription_status", "x"},
                                                                       {"payment_active", "1"},
                                                                       {"email", "ann"},
                                                                       {"deleted", "no"},
                                                                       {"limit", "0"},
                                                                       {"limit", "201"},
                                                                       {"limit", "5x"},
                                                                       {"cursor", "x"},
                                                                       {"cursor", "cDE6NTo"},
                                                                       {"colour", "red"}}));
  const auto filter = read_client_filter({{name, value}});
  REQUIRE_FALSE(filter);
  CHECK(filter.error().code == "INVALID_FIELD");
  CHECK(filter.error().detail.substr(0, name.size() + 2) == name + ": ");
}

TEST_CASE("list query: a cursor of clients is none of jobs") {
  CHECK_FALSE(read_job_filter({{"cursor", page_cursor({from_unix_micros(1), "acme"})}}));
  const auto filter = read_job_filter(
      {{"cursor", page_cursor({from_unix_micros(1), "0194f0c0-0000-7000-8000-000000000001"})}, {"status", "FAILED"}});
  REQUIRE(filter);
  CHECK(filter->status == "FAILED");
  CHECK_FALSE(read_job_filter({{"status", "failed"}}));
  CHECK_FALSE(read_job_filter({{"client_id", "a b"}}));
}
