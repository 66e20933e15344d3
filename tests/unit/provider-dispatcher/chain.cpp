#include "provider-dispatcher/core/chain.hpp"

#include <catch2/catch.hpp>

using namespace carillon::dispatcher;

namespace {
using Chain = std::vector<Link>;
const std::vector<std::string> none;
}  // namespace

TEST_CASE("chain: the first configured provider that passes is chosen, a provider without settings is skipped") {
  CHECK(choose_provider(Chain{{"postmark", true}, {"smtp", true}}, none) == 0);
  CHECK(choose_provider(Chain{{"postmark", false}, {"smtp", true}}, none) == 1);
  CHECK_FALSE(choose_provider(Chain{{"postmark", false}}, none).has_value());
  CHECK_FALSE(choose_provider(Chain{}, none).has_value());
}

TEST_CASE("chain: a provider that was tried in this round is not tried again") {
  const std::vector<std::string> tried{"postmark"};
  CHECK(choose_provider(Chain{{"postmark", true}, {"smtp", true}}, tried) == 1);
  CHECK_FALSE(choose_provider(Chain{{"postmark", true}}, tried).has_value());
}

TEST_CASE("chain: an open breaker sends to the next provider, one on trial only when nobody passes") {
  CHECK(choose_provider(Chain{{"postmark", true, Gate::SHUT}, {"smtp", true}}, none) == 1);
  CHECK(choose_provider(Chain{{"postmark", true, Gate::TRIAL_DUE}, {"smtp", true}}, none) == 1);
  CHECK(choose_provider(Chain{{"postmark", true, Gate::SHUT}, {"smtp", true, Gate::TRIAL_RUNNING}}, none) == 1);
  CHECK_FALSE(choose_provider(Chain{{"postmark", true, Gate::SHUT}, {"smtp", true, Gate::SHUT}}, none).has_value());
}

TEST_CASE("chain: a trial is offered to a provider before the chosen one only") {
  const Chain chain{{"postmark", true, Gate::TRIAL_DUE}, {"ses", true}, {"smtp", true, Gate::TRIAL_DUE}};
  CHECK(trial_before(chain, 1) == 0);
  CHECK_FALSE(trial_before(chain, 0).has_value());
  CHECK_FALSE(trial_before(Chain{{"postmark", false, Gate::TRIAL_DUE}, {"ses", true}}, 1).has_value());
}

TEST_CASE("chain: messages wait at the first configured provider, at the first when none is, at none without a chain") {
  CHECK(head_of(Chain{{"postmark", false}, {"smtp", true, Gate::SHUT}}) == "smtp");
  CHECK(head_of(Chain{{"postmark", false}, {"smtp", false}}) == "postmark");
  CHECK(head_of(Chain{}) == no_provider);
}

TEST_CASE("chain: a provider whose spend limit is reached is passed over, and is offered no trial") {
  const Chain chain{{"sns", true, Gate::PASS, true}, {"twilio", true}};
  CHECK(choose_provider(chain, none) == 1);
  CHECK_FALSE(choose_provider(Chain{{"sns", true, Gate::PASS, true}}, none).has_value());
  CHECK_FALSE(choose_provider(Chain{{"sns", true, Gate::TRIAL_DUE, true}}, none).has_value());
  CHECK_FALSE(trial_before(Chain{{"sns", true, Gate::TRIAL_DUE, true}, {"twilio", true}}, 1).has_value());
  CHECK(head_of(Chain{{"sns", true, Gate::PASS, true}}) == "sns");
}
