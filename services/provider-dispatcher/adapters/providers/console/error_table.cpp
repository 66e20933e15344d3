#include "provider-dispatcher/adapters/providers/console/error_table.hpp"

#include <rapidjson/document.h>

#include "provider-dispatcher/adapters/providers/http_answer.hpp"

namespace carillon::dispatcher::console {

Outcome read_answer(int status, const http::Fields&, std::string_view body) {
  if (status < 200 || status >= 300) return outcome_by_status(status);
  Outcome outcome;
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
  if (!json.HasParseError() && json.IsObject() && json.HasMember("id") && json["id"].IsString() &&
      json["id"].GetStringLength() > 0) {
    outcome.kind = OutcomeKind::ACCEPTED;
    outcome.provider_message_id.assign(json["id"].GetString(), json["id"].GetStringLength());
    return outcome;
  }
  outcome.kind = OutcomeKind::UNCONFIRMED;
  outcome.reason = Reason::BAD_ANSWER;
  outcome.detail = "the answer has no id";
  return outcome;
}

}  // namespace carillon::dispatcher::console
