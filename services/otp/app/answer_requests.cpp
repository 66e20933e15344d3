#include "otp/app/answer_requests.hpp"

#include "otp/app/otp_events.hpp"
#include "otp/core/code.hpp"
#include "otp/core/number_prefix.hpp"
#include "postgres/errors.hpp"
#include "security/digest.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"

namespace carillon::otp {
namespace {

constexpr int conflict_tries_max = 5;  // each means that another instance has stored one of the recipients first
constexpr std::size_t step_up_token_bytes = 32;
constexpr std::string_view email_country = "email";
const Challenge no_challenge{std::string(36, '0'), {}, std::string(32, '\0'), {}, {}};

LimitKey ip_sends(const security::Sealer& sealer, const OtpRequest& request) {
  return {"ip_send", sealer.reference("ip:" + request.client_address)};
}
LimitKey ip_checks(const security::Sealer& sealer, const OtpRequest& request) {
  return {"ip_check", sealer.reference("ip:" + request.client_address)};
}
LimitKey prefix_sends(const OtpRequest& request) {
  return {"prefix_send", number_prefix(request.recipient)};
}

LimitKey country_sends(const OtpRequest& request) {
  return {"country_send", std::string(calling_code(request.recipient))};
}

std::string country_of(const OtpRequest& request) {
  return facts(request.action).by_phone ? std::string(calling_code(request.recipient)) : std::string(email_country);
}

const char* name(SendVerdict verdict) {
  switch (verdict) {
    case SendVerdict::COUNTRY_NOT_ALLOWED:
      return "COUNTRY_NOT_ALLOWED";
    case SendVerdict::LOCKED_OUT:
      return "LOCKED_OUT";
    case SendVerdict::RECIPIENT_LIMIT:
      return "RECIPIENT_LIMIT";
    case SendVerdict::RESEND_COOLDOWN:
      return "RESEND_COOLDOWN";
    case SendVerdict::IP_LIMIT:
      return "IP_LIMIT";
    case SendVerdict::PREFIX_LIMIT:
      return "PREFIX_LIMIT";
    case SendVerdict::COUNTRY_LIMIT:
      return "COUNTRY_LIMIT";
    default:
      return "SENT";
  }
}

const char* name(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::RIGHT:
      return "RIGHT";
    case CheckVerdict::WRONG:
      return "WRONG_CODE";
    case CheckVerdict::LOCKED_OUT:
      return "LOCKED_OUT";
    case CheckVerdict::EXPIRED:
      return "CODE_EXPIRED";
    case CheckVerdict::IP_LIMIT:
      return "IP_LIMIT";
    default:
      return "NO_CODE";
  }
}

const char* name(OtpKind kind) {
  switch (kind) {
    case OtpKind::SEND:
      return "send";
    case OtpKind::VERIFY:
      return "verify";
    default:
      return "redeem";
  }
}

OtpAnswer done() {
  return {OtpAnswer::Kind::DONE, {}};
}
// What a send answers never says whether a code went out.
OtpAnswer refused(OtpKind kind) {
  return {kind == OtpKind::SEND ? OtpAnswer::Kind::DONE : OtpAnswer::Kind::REFUSED, {}};
}

}  // namespace

struct AnswerRequests::Batch {
  StateBook book;
  bus::Outbox out;
  UtcTime now{};
  std::vector<std::pair<OtpKind, const char*>> results{};  // for the metrics
};

AnswerRequests::AnswerRequests(pg::ConnectionSettings connection, bus::Bus& bus, const security::Sealer& sealer,
                               const Clock& clock, const Rules& rules, std::string pepper, service::GatherLimits limits,
                               metrics::Registry& metrics)
    : connection_(std::move(connection)),
      bus_(bus),
      sealer_(sealer),
      clock_(clock),
      rules_(rules),
      pepper_(std::move(pepper)),
      metrics_(metrics),
      commit_seconds_(metrics.histogram("carillon_otp_commit_seconds", "Time of one commit of OTP requests")),
      gather_("otp", limits, [this](std::vector<OtpRequest>& requests) { process(requests); }) {}

void AnswerRequests::process(std::vector<OtpRequest>& requests) {
  const SteadyTime began = clock_.steady();
  std::vector<OtpAnswer> answers(requests.size());
  for (int attempt = 1;; ++attempt) {
    try {
      answers = commit(requests);
      break;
    } catch (const pg::Conflict&) {
      if (attempt < conflict_tries_max) continue;
      for (OtpAnswer& each : answers) each.kind = OtpAnswer::Kind::UNAVAILABLE;
      break;
    } catch (const pg::Unavailable&) {  // perhaps committed: what was spent is spent
      for (OtpAnswer& each : answers) each.kind = OtpAnswer::Kind::UNAVAILABLE;
      break;
    } catch (const std::exception& error) {
      log::error("OTP_BATCH_FAILED", {{"requests", requests.size()}, {"error", error.what()}});
      break;
    }
  }
  commit_seconds_.observe(std::chrono::duration<double>(clock_.steady() - began).count());
  for (std::size_t i = 0; i < requests.size(); ++i) requests[i].answer(std::move(answers[i]));
}

std::vector<OtpAnswer> AnswerRequests::commit(const std::vector<OtpRequest>& requests) {
  Batch batch;
  pg::Transaction tx(connection_);
  for (const OtpRequest& request : requests) want(batch.book, request);
  batch.book.load(tx);
  batch.now = clock_.now();  // now that no other instance changes what was read
  std::vector<OtpAnswer> answers;
  answers.reserve(requests.size());
  for (const OtpRequest& request : requests) answers.push_back(answer(batch, request));
  batch.book.store(tx, batch.now);
  failpoint("otp.answer.before_commit");
  bus_.commit(batch.out, tx);
  failpoint("otp.answer.after_commit");
  bus_.wake(batch.out);
  for (const auto& [kind, result] : batch.results) count(kind, result);
  return answers;
}

void AnswerRequests::want(StateBook& book, const OtpRequest& request) const {
  if (request.refused || pepper_.empty()) return;
  if (request.kind == OtpKind::REDEEM) return book.want_token(security::sha256(request.step_up_token));
  book.want_recipient(sealer_.reference(request.recipient));
  if (!request.client_address.empty())
    book.want_limit(request.kind == OtpKind::SEND ? ip_sends(sealer_, request) : ip_checks(sealer_, request));
  if (request.kind == OtpKind::VERIFY || !facts(request.action).by_phone) return;
  book.want_limit(prefix_sends(request));
  book.want_limit(country_sends(request));
}

OtpAnswer AnswerRequests::answer(Batch& batch, const OtpRequest& request) {
  if (pepper_.empty()) {
    refuse(batch, request, {"OTP_PEPPER_MISSING", {}});
    return {OtpAnswer::Kind::NOT_CONFIGURED, {}};
  }
  if (request.refused) return refuse(batch, request, *request.refused);
  switch (request.kind) {
    case OtpKind::SEND:
      return send(batch, request);
    case OtpKind::VERIFY:
      return check(batch, request);
    default:
      return redeem(batch, request);
  }
}

OtpAnswer AnswerRequests::refuse(Batch& batch, const OtpRequest& request, const Failure& failure) {
  const char* action = request.kind == OtpKind::SEND     ? "OTP_SEND_REQUESTED"
                       : request.kind == OtpKind::VERIFY ? "OTP_VERIFY_FAILED"
                                                         : "OTP_STEP_UP_REFUSED";
  AuditFacts audit{action, "REFUSED", failure.code, {}};
  if (!failure.detail.empty()) audit.details["detail"] = failure.detail;
  publish_audit(batch.out, request, {}, std::move(audit), batch.now);
  batch.results.emplace_back(request.kind, pepper_.empty() ? "NOT_CONFIGURED" : "MALFORMED");
  return refused(request.kind);
}

OtpAnswer AnswerRequests::send(Batch& batch, const OtpRequest& request) {
  const std::string hash = sealer_.reference(request.recipient);
  RecipientState& state = batch.book.recipient(hash);
  forget_past(state, rules_, batch.now);
  SendCounts counts;
  if (!request.client_address.empty()) {
    SlidingCount& ip = batch.book.limit(ip_sends(sealer_, request));
    ip = moved_on(ip, rules_.sends_per_ip.window, batch.now);
    counts.ip = &ip;
  }
  if (facts(request.action).by_phone) {
    SlidingCount& prefix = batch.book.limit(prefix_sends(request));
    SlidingCount& country = batch.book.limit(country_sends(request));
    prefix = moved_on(prefix, rules_.sends_per_prefix.window, batch.now);
    country = moved_on(country, rules_.sends_per_country.window, batch.now);
    counts.prefix = &prefix;
    counts.country = &country;
  }
  const SendVerdict verdict = decide_send(state, request.recipient, counts, rules_, batch.now);
  batch.results.emplace_back(request.kind, name(verdict));
  if (verdict == SendVerdict::COUNTRY_NOT_ALLOWED) {
    publish_audit(batch.out, request, hash, {"OTP_SEND_REQUESTED", "REFUSED", name(verdict)}, batch.now);
    return done();
  }
  publish_audit(batch.out, request, hash, {"OTP_SEND_REQUESTED", "REQUESTED"}, batch.now);
  if (verdict == SendVerdict::SEND) {
    send_code(batch, request, hash);
  } else {
    const char* action = verdict == SendVerdict::LOCKED_OUT ? "OTP_LOCKED_OUT" : "OTP_RATE_LIMITED";
    publish_audit(batch.out, request, hash, {action, "REFUSED", name(verdict)}, batch.now);
  }
  return done();
}

void AnswerRequests::send_code(Batch& batch, const OtpRequest& request, const std::string& hash) {
  StateBook& book = batch.book;
  RecipientState& state = book.recipient(hash);
  const auto test_code = rules_.test_codes.find(request.recipient);
  const bool is_test = test_code != rules_.test_codes.end();
  const std::string code = is_test ? test_code->second : new_code();
  Challenge challenge{new_uuid(batch.now), request.action, {}, batch.now, batch.now + rules_.code_ttl};
  challenge.code_mac = code_mac(pepper_, challenge.id, request.recipient, request.action, code);
  const std::string challenge_id = challenge.id;
  start_challenge(state, std::move(challenge));
  book.recipient_changed(hash);
  book.challenge_changed(hash, request.action);
  if (!request.client_address.empty()) {
    const LimitKey key = ip_sends(sealer_, request);
    ++book.limit(key).current;
    book.limit_changed(key);
  }
  if (facts(request.action).by_phone) {
    for (const LimitKey& key : {prefix_sends(request), country_sends(request)}) {
      ++book.limit(key).current;
      book.limit_changed(key);
    }
  }
  if (is_test) {
    publish_audit(batch.out, request, hash, {"OTP_SENT", "TEST_NUMBER"}, batch.now);
    return;
  }
  ++book.conversion(country_of(request)).sent;
  const std::string message_id = new_uuid(batch.now);
  const std::size_t attempt_count = sends_in_window(state, rules_, batch.now);
  publish_code(batch.out, request, {message_id, challenge_id, hash, code, rules_.code_ttl, attempt_count}, sealer_,
               batch.now);
  publish_audit(
      batch.out, request, hash,
      {"OTP_SENT", "QUEUED", {}, {{"message_id", message_id}, {"attempt_count", std::to_string(attempt_count)}}},
      batch.now);
}

OtpAnswer AnswerRequests::check(Batch& batch, const OtpRequest& request) {
  const std::string hash = sealer_.reference(request.recipient);
  RecipientState& state = batch.book.recipient(hash);
  forget_past(state, rules_, batch.now);
  bool ip_exhausted = false;
  if (!request.client_address.empty()) {
    const LimitKey key = ip_checks(sealer_, request);
    SlidingCount& ip = batch.book.limit(key);
    ip = moved_on(ip, rules_.checks_per_ip.window, batch.now);
    ip_exhausted = exhausted(&ip, rules_.checks_per_ip, batch.now);
    ++ip.current;
    batch.book.limit_changed(key);
  }
  const Challenge* challenge = find_challenge(state, request.action);
  const Challenge& compared = challenge ? *challenge : no_challenge;  // the same work whether there is one or not
  const std::string mac = code_mac(pepper_, compared.id, request.recipient, request.action, request.code);
  const bool matches = security::equal_constant_time(mac, compared.code_mac) && challenge;
  const Check result = check_code(state, request.action, matches, ip_exhausted, rules_, batch.now);
  batch.results.emplace_back(request.kind, name(result.verdict));
  switch (result.verdict) {
    case CheckVerdict::RIGHT:
      return accept_code(batch, request, hash);
    case CheckVerdict::LOCKED_OUT:
      publish_audit(batch.out, request, hash, {"OTP_LOCKED_OUT", "REFUSED", name(result.verdict)}, batch.now);
      return refused(request.kind);
    case CheckVerdict::IP_LIMIT:
      publish_audit(batch.out, request, hash, {"OTP_RATE_LIMITED", "REFUSED", name(result.verdict)}, batch.now);
      return refused(request.kind);
    case CheckVerdict::WRONG:
      batch.book.recipient_changed(hash);
      if (result.locks)
        for (const ActionFacts& each : all_actions) batch.book.challenge_changed(hash, each.action);
      publish_audit(
          batch.out, request, hash,
          {"OTP_VERIFY_FAILED", "REFUSED", name(result.verdict), {{"failures", std::to_string(state.failures)}}},
          batch.now);
      if (result.locks) {
        publish_audit(batch.out, request, hash,
                      {"OTP_LOCKED_OUT", "LOCKED", "TOO_MANY_FAILURES", {{"until", to_rfc3339(*state.locked_until)}}},
                      batch.now);
      }
      return refused(request.kind);
    default:
      if (result.verdict == CheckVerdict::EXPIRED) batch.book.challenge_changed(hash, request.action);
      publish_audit(batch.out, request, hash, {"OTP_VERIFY_FAILED", "REFUSED", name(result.verdict)}, batch.now);
      return refused(request.kind);
  }
}

OtpAnswer AnswerRequests::accept_code(Batch& batch, const OtpRequest& request, const std::string& hash) {
  batch.book.recipient_changed(hash);
  batch.book.challenge_changed(hash, request.action);
  if (!rules_.test_codes.contains(request.recipient)) ++batch.book.conversion(country_of(request)).verified;
  publish_audit(batch.out, request, hash, {"OTP_VERIFY_SUCCESS", "VERIFIED"}, batch.now);
  OtpAnswer answer = done();
  if (request.action != Action::SENSITIVE_ACTION) {
    batch.book.mark_verified(hash);
    return answer;
  }
  answer.step_up_token = "crs_" + security::base64_url(security::random_bytes(step_up_token_bytes));
  batch.book.add_token(security::sha256(answer.step_up_token), {hash, batch.now + rules_.step_up_ttl});
  return answer;
}

OtpAnswer AnswerRequests::redeem(Batch& batch, const OtpRequest& request) {
  const std::string token_hash = security::sha256(request.step_up_token);
  const std::string hash = sealer_.reference(request.recipient);
  const StepUpToken* token = batch.book.token(token_hash);
  const char* refusal = !token                                                        ? "UNKNOWN_OR_USED"
                        : token->expires_at <= batch.now                              ? "TOKEN_EXPIRED"
                        : !security::equal_constant_time(token->recipient_hash, hash) ? "OTHER_RECIPIENT"
                                                                                      : nullptr;
  batch.results.emplace_back(request.kind, refusal ? refusal : "RIGHT");
  if (refusal) {
    publish_audit(batch.out, request, hash, {"OTP_STEP_UP_REFUSED", "REFUSED", refusal}, batch.now);
    return refused(request.kind);
  }
  batch.book.use_token(token_hash);
  publish_audit(batch.out, request, hash, {"OTP_STEP_UP_USED", "ACCEPTED"}, batch.now);
  return done();
}

void AnswerRequests::count(OtpKind kind, const char* result) {
  metrics_
      .counter("carillon_otp_requests_total", "OTP requests by kind and what became of them",
               {{"kind", name(kind)}, {"result", result}})
      .add();
}

}  // namespace carillon::otp
