#include "provider-dispatcher/adapters/providers/ses/account_routes.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <future>

#include "service/log.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher::ses {

namespace {

// Waits for what `ask` hands to its callback.
template <class T, class Ask>
Result<T> wait_for(const Ask& ask) {
  const auto answered = std::make_shared<std::promise<Result<T>>>();
  auto answer = answered->get_future();
  ask([answered](Result<T> result) { answered->set_value(std::move(result)); });
  if (answer.wait_for(account_wait_max) != std::future_status::ready)
    return Failure{"NO_ANSWER", "nothing came back in time"};
  return answer.get();
}

std::optional<http::Response> refusal_without_settings(const Account& account) {
  const std::string missing = account.missing_settings();
  if (missing.empty()) return std::nullopt;
  return http::problem(409, "SES_NOT_CONFIGURED", "SES needs " + missing);
}

http::Response trouble_of_ses(const Failure& failure) {
  return http::problem(502, "SES_REFUSED", failure.code + ": " + failure.detail);
}

// nullopt: the body is no {"address": text}.
std::optional<std::string> read_address(const std::string& body) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
  if (json.HasParseError() || !json.IsObject() || json.MemberCount() != 1) return std::nullopt;
  const auto address = json.FindMember("address");
  if (address == json.MemberEnd() || !address->value.IsString()) return std::nullopt;
  return std::string(address->value.GetString(), address->value.GetStringLength());
}

}  // namespace

http::Response answer_account(const Account& account, UtcTime now) {
  if (auto refused = refusal_without_settings(account)) return std::move(*refused);
  const auto status = wait_for<AccountStatus>([&](auto done) { account.status(now, std::move(done)); });
  if (!status) return trouble_of_ses(status.error());
  return http::json(200,
                    fmt::format(R"({{"production":{},"sending_enabled":{},"enforcement":{},"sends_per_day_max":{},)"
                                R"("sends_per_second_max":{},"sent_last_day":{}}})",
                                status->production, status->sending_enabled, http::json_string(status->enforcement),
                                status->sends_per_day_max, status->sends_per_second_max, status->sent_last_day));
}

http::Response answer_verify_sender(const http::Request& request, const Account& account, UtcTime now) {
  if (auto refused = refusal_without_settings(account)) return std::move(*refused);
  const auto address = read_address(request.body);
  if (!address)
    return http::problem(400, "MALFORMED_JSON", "the body must be a JSON object: {\"address\": \"bell@example.com\"}");
  if (const auto parsed = parse_email(*address); !parsed)
    return http::problem(400, "INVALID_FIELD", "address: " + parsed.error().detail, R"("field":"address")");
  const auto verification =
      wait_for<Verification>([&](auto done) { account.verify_sender(*address, now, std::move(done)); });
  log::info("ses_sender_verification", {{"address", masked(*address)},
                                        {"asked_by", request.params.at("api_key_owner")},
                                        {"outcome", !verification ? verification.error().code
                                                    : *verification == Verification::VERIFIED ? "VERIFIED"
                                                                                              : "PENDING"}});
  if (!verification) return trouble_of_ses(verification.error());
  return http::json(200, fmt::format(R"({{"verified":{}}})", *verification == Verification::VERIFIED));
}

}  // namespace carillon::dispatcher::ses
