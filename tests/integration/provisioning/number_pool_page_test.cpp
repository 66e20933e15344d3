#include <catch2/catch.hpp>

#include "integration/provisioning/onboarding_world.hpp"
#include "integration/signed_in.hpp"

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
