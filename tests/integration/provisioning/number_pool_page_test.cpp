#include <catch2/catch.hpp>

#include "integration/provisioning/onboarding_world.hpp"
#include "integration/signed_in.hpp"
#include "provisioning/adapters/number_pool_page.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;
using carillon::testing::SignedIn;
using http::Method;
using security::Role;

namespace {

http::Answer call(OnboardingWorld& world, Method method, const SignedIn& who, const std::string& body = {}) {
  http::Fields headers = who.headers();
  headers.emplace_back("Authorization", "none");
  return world.call(method, "/admin/number-pool", body, std::move(headers));
}

// The page beside the service's own, whose clients can't be changed yet.
struct Unsettled : OnboardingWorld {
  Unsettled() : pool_(carillon::testing::settings_of(database), 1), pool_metrics_(registry_) {
    http::Router router;
    add_number_pool_page(router, platform(0), manage_, pool_warning_threshold_default, [](http::Guard guard) {
      return [guard = std::move(guard)](http::Request& request) -> std::optional<http::Response> {
        if (auto refused = guard(request)) return refused;
        return http::problem(503, "PROVISIONING_NOT_READY", "clients can't be changed yet; try again");
      };
    });
    server_ = std::make_unique<http::Server>(io, http::ServerSettings{}, std::move(router));
  }
  http::Answer send(const std::string& body, http::Fields headers) {
    http::Call call;
    call.method = Method::POST;
    call.url = "http://127.0.0.1:" + std::to_string(server_->port()) + "/admin/number-pool";
    call.headers = std::move(headers);
    call.body = body;
    return client.call_and_wait(call);
  }

 private:
  pg::Pool pool_;
  metrics::Registry registry_;
  PoolMetrics pool_metrics_;
  ManagePool manage_{pool_, bus(), clock, pool_metrics_, platform_number, [] {}};
  std::unique_ptr<http::Server> server_;
};

bool is_page(const http::Answer& answer) {
  return http::field(answer.headers, "Content-Type").starts_with("text/html");
}

bool holds(const http::Answer& answer, std::string_view text) {
  return answer.body.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("number pool page: an ADMIN adds numbers and sees who waits; what is no number is told and kept") {
  OnboardingWorld world;
  const SignedIn admin(world.owner, world.sealer(), world.clock.now(), Role::ADMIN);
  CHECK(holds(call(world, Method::GET, admin), "The pool is not in use"));
  CHECK(call(world, Method::POST, admin, admin.form({{"numbers", "+441632960001"}}, false)).status == 403);
  const auto mixed =
      call(world, Method::POST, admin, admin.form({{"numbers", "+441632960001\r\n12\r\n+441632960002"}}));
  CHECK(mixed.status == 422);
  CHECK(holds(mixed, "2 numbers were added."));
  CHECK(holds(mixed, "1 could not be added"));
  CHECK(holds(mixed, ">12\n</textarea>"));
  CHECK(world.number("SELECT count(*) FROM provisioning.twilio_number_pool") == 2);
  CHECK(holds(call(world, Method::GET, admin), "fewer than 3"));
  CHECK(call(world, Method::POST, admin, admin.form({{"numbers", " "}})).status == 422);
  const SignedIn owner(world.owner, world.sealer(), world.clock.now(), Role::OWNER);
  CHECK(call(world, Method::GET, owner).status == 403);
}

TEST_CASE("number pool page: while nothing can be changed yet an ADMIN who sends the form gets a page, no JSON") {
  Unsettled world;
  const SignedIn admin(world.owner, world.sealer(), world.clock.now(), Role::ADMIN);
  const http::Fields numbers{{"numbers", "+441632960001"}};
  const auto busy = world.send(admin.form(numbers), admin.headers());
  CHECK(busy.status == 503);
  CHECK(is_page(busy));
  CHECK(holds(busy, "nothing was changed"));
  CHECK_FALSE(holds(busy, "PROVISIONING_NOT_READY"));
  CHECK(world.number("SELECT count(*) FROM provisioning.twilio_number_pool") == 0);
  const auto forged = world.send(admin.form(numbers, false), admin.headers());
  CHECK(forged.status == 403);
  CHECK(is_page(forged));
  const auto stranger = world.send(admin.form(numbers), {{"Content-Type", "application/x-www-form-urlencoded"}});
  CHECK(stranger.status == 303);
}
