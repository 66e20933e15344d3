#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/smtp/settings.hpp"

namespace {

using carillon::dispatcher::SmtpSettings;
using carillon::service::Settings;

SmtpSettings read(const std::string& ca_file) {
  Settings settings({{"SMTP_CA_FILE", ca_file}});
  SmtpSettings out = SmtpSettings::read(settings);
  settings.finish();
  return out;
}

TEST_CASE("provider settings: SMTP_CA_FILE must be readable, or the start is refused with its name") {
  CHECK(read("").ca_file.empty());
  CHECK(read("/dev/null").ca_file == "/dev/null");
  CHECK_THROWS_WITH(read("/nonexistent/ca.pem"),
                    Catch::Matchers::Contains("SMTP_CA_FILE") && Catch::Matchers::Contains("/nonexistent/ca.pem"));
}

}  // namespace
