#include "orchestrator/app/clean_up.hpp"

#include <catch2/catch.hpp>

#include "attachments/attachments.hpp"
#include "orchestrator/service.hpp"
#include "postgres/testing/test_database.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::orchestrator;

TEST_CASE("clean-up: old rows and files go though an earlier job fails, and what is not old stays") {
  const carillon::testing::TestDatabase database;
  pg::ConnectionSettings settings;
  settings.url = database.url();
  pg::Connection owner(settings);
  pg::migrate(owner, attachments::schema());
  pg::migrate(owner, schema());
  const UtcTime now = from_unix_micros(1'790'000'000'000'000);
  const auto window = [&](const char* subject, UtcTime until) {
    owner.run(
        "INSERT INTO orchestrator.rate_windows (template_key, subject, message_id, accepted_at, window_until) "
        "VALUES ('T', '" +
        std::string(subject) + "', '" + new_uuid(now) + "', '" + to_rfc3339(now) + "', '" + to_rfc3339(until) + "')");
  };
  window("over", now - std::chrono::hours(1));
  window("open", now + std::chrono::hours(1));
  const std::string content = "x";
  for (const auto hours : {-1, 1}) {
    attachments::store(owner, {new_uuid(now), "api:shop", "a.txt", "text/plain", 1, std::string(32, 'h')}, content, now,
                       now + std::chrono::hours(hours));
  }
  owner.run("ALTER TABLE orchestrator.idempotency_keys RENAME TO not_to_be_found");
  std::vector<std::string> failed;
  clean_up(owner, now, [&](const char* job, const std::function<void()>& run) {
    try {
      run();
    } catch (const std::exception&) {
      failed.emplace_back(job);
    }
  });
  CHECK(failed == std::vector<std::string>{"drop_old_idempotency_keys"});
  CHECK(owner.run("SELECT string_agg(subject, ',') FROM orchestrator.rate_windows")[0][0].as<std::string>() == "open");
  CHECK(owner.run("SELECT count(*) FROM attachments.files")[0][0].as<int>() == 1);
}
