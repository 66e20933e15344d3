#include "provider-dispatcher/adapters/spend_settings.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace carillon;
using namespace carillon::dispatcher;

namespace {

struct Read {
  SpendSettings spend;
  std::string errors;
};

Read read(service::Environment environment) {
  service::Settings settings(std::move(environment));
  Read result{read_spend_settings(settings), {}};
  try {
    settings.finish();
  } catch (const service::SettingsError& e) {
    result.errors = e.what();
  }
  return result;
}

// A price file that is gone with the test.
class PriceFile {
 public:
  explicit PriceFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("prices-" + std::to_string(::getpid()) + ".json")) {
    std::ofstream(path_) << text;
  }
  ~PriceFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("spend settings: SMS providers have a limit of 100.00 USD a month, others none") {
  const Read result = read({});
  CHECK(result.errors.empty());
  CHECK(result.spend.limits ==
        std::map<std::string, MicroUsd>{{"sns", MicroUsd{100'000'000}}, {"twilio", MicroUsd{100'000'000}}});
  CHECK(result.spend.prices.find("twilio") != nullptr);
}

TEST_CASE("spend settings: a limit is an amount, 0 means none") {
  const Read result = read({{"TWILIO_MONTHLY_LIMIT_USD", "12.5"}, {"SNS_MONTHLY_LIMIT_USD", "0"}});
  CHECK(result.errors.empty());
  CHECK(result.spend.limits == std::map<std::string, MicroUsd>{{"twilio", MicroUsd{12'500'000}}});
  CHECK(read({{"TWILIO_MONTHLY_LIMIT_USD", "100 USD"}}).errors.find("TWILIO_MONTHLY_LIMIT_USD: must be an amount") ==
        0);
  CHECK(read({{"TWILIO_MONTHLY_LIMIT_USD", "-1"}}).errors.find("not '-1'") != std::string::npos);
}

TEST_CASE("spend settings: a limit without a known price refuses to start, for it could never act") {
  const std::string errors = read({{"POSTMARK_MONTHLY_LIMIT_USD", "50"}}).errors;
  CHECK(errors.find("POSTMARK_MONTHLY_LIMIT_USD") == 0);
  CHECK(errors.find("CARILLON_PRICE_FILE") != std::string::npos);
}

TEST_CASE("spend settings: CARILLON_PRICE_FILE takes the place of the price list in the program") {
  const PriceFile file(R"({"currency":"USD","providers":{
      "postmark":{"channel":"EMAIL","free_units_per_month":100,"price_per_unit":"0.0018"},
      "twilio":{"channel":"SMS","free_units_per_month":0,"price_per_unit":"0.0083"}}})");
  const Read result = read(
      {{"CARILLON_PRICE_FILE", file.path()}, {"POSTMARK_MONTHLY_LIMIT_USD", "50"}, {"SNS_MONTHLY_LIMIT_USD", "0"}});
  CHECK(result.errors.empty());
  CHECK(result.spend.limits.at("postmark") == MicroUsd{50'000'000});
  CHECK(result.spend.prices.find("twilio")->unit_price == MicroUsd{8'300});
  CHECK(result.spend.prices.find("ses") == nullptr);
}

TEST_CASE("spend settings: a price file that is broken or missing refuses to start") {
  const PriceFile file("{}");
  CHECK(read({{"CARILLON_PRICE_FILE", file.path()}}).errors.find("CARILLON_PRICE_FILE: file: must be") == 0);
  CHECK(read({{"CARILLON_PRICE_FILE", "/nonexistent"}}).errors.find("can't read /nonexistent") != std::string::npos);
  const PriceFile large(std::string(price_file_bytes_max + 1, ' '));
  CHECK(read({{"CARILLON_PRICE_FILE", large.path()}}).errors.find("64 KiB") != std::string::npos);
}
