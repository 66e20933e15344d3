#include "provider-dispatcher/adapters/receipts/sns_certificates.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <mutex>

#include "http/client.hpp"
#include "http/server.hpp"
#include "security/webhooks/self_made_chain.hpp"
#include "time/testing/manual_clock.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
namespace webhooks = security::webhooks;

namespace {

constexpr std::chrono::seconds wait_max{10};
const std::string origin = "https://sns.eu-west-1.amazonaws.com";

// Serves one certificate at once, and keeps everybody waiting who asks for another.
class Host {
 public:
  explicit Host(const webhooks::SelfMadeChain& chain) : server_(runtime_, {}, router(chain)) {}
  ~Host() {
    const std::lock_guard lock(mutex_);
    for (http::Reply& reply : waiting_) reply(http::json(500, "{}"));
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

 private:
  http::Router router(const webhooks::SelfMadeChain& chain) {
    http::Router routes;
    routes.add(http::Method::GET, "/good.pem", [chain](const http::Request&) {
      http::Response response;
      response.body = chain.leaf + chain.intermediate;
      return response;
    });
    routes.add_async(http::Method::GET, "/slow/{name}", [this](http::Request&&, http::Reply reply) {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(reply));
    });
    return routes;
  }
  std::mutex mutex_;
  std::vector<http::Reply> waiting_;  // mutex_
  http::Runtime runtime_;
  http::Server server_;
};

}  // namespace

TEST_CASE("sns certificates: a kept one is checked again while no more may be fetched") {
  carillon::testing::ManualClock clock;
  webhooks::ChainWish wish;
  wish.valid_from = clock.now() - std::chrono::hours{24};
  wish.valid_until = clock.now() + std::chrono::hours{24};
  const webhooks::SelfMadeChain chain = webhooks::make_chain(wish);
  Host host(chain);
  http::Runtime runtime;
  http::Client client(runtime);
  const auto certificates =
      std::make_shared<SnsCertificates>(client, *webhooks::TrustStore::from_pem(chain.root), host.url(), clock);
  const auto get = [&](const std::string& path) {
    const auto got = std::make_shared<std::promise<SnsCertificate>>();
    certificates->get(origin + path, [got](const SnsCertificate& found) { got->set_value(found); });
    return got->get_future();
  };
  auto first = get("/good.pem");
  REQUIRE(first.wait_for(wait_max) == std::future_status::ready);
  REQUIRE(first.get().certificate.has_value());

  clock.advance(sns_trust_time + std::chrono::seconds{1});
  std::vector<std::future<SnsCertificate>> slow;
  for (std::size_t i = 0; i < sns_fetches_max; ++i) slow.push_back(get("/slow/" + std::to_string(i) + ".pem"));
  auto one_more = get("/slow/more.pem");
  REQUIRE(one_more.wait_for(std::chrono::seconds{0}) == std::future_status::ready);
  CHECK(one_more.get().refusal == "CERTIFICATE_UNAVAILABLE");
  auto again = get("/good.pem");
  REQUIRE(again.wait_for(std::chrono::seconds{0}) == std::future_status::ready);
  CHECK(again.get().certificate.has_value());
  for (auto& one : slow) CHECK(one.wait_for(wait_max) == std::future_status::ready);  // their time ends
}
