#include "orchestrator/core/recipients.hpp"

#include <algorithm>

#include "orchestrator/core/send_request.hpp"
#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

using events::Audience;
using events::Channel;
using events::Status;

Result<std::string> parse_for(Channel channel, const std::string& address) {
  switch (channel) {
    case Channel::EMAIL:
      return parse_email(address);
    case Channel::SMS:
      return parse_e164(address);
    case Channel::SLACK:
      return parse_webhook_url(address);
    default:
      return Failure{"CHANNEL_WITHOUT_ADDRESS", "this channel has no addresses"};
  }
}

const char* word_for(Channel channel) {
  switch (channel) {
    case Channel::SMS:
      return "a phone number";
    case Channel::SLACK:
      return "a Slack webhook URL";
    default:
      return "an e-mail address";
  }
}

const std::string& contact_for(const TemplateMeta& meta, const events::Contacts& contacts) {
  switch (meta.channel) {
    case Channel::SMS:
      return contacts.phone;
    case Channel::SLACK:
      return contacts.slack_webhook;
    default:
      return meta.category == billing_category && !contacts.billing_email.empty() ? contacts.billing_email
                                                                                  : contacts.email;
  }
}

std::vector<std::string> staff_of(const TemplateMeta& meta, const StaffAddresses& staff) {
  if (meta.channel == Channel::SMS) return staff.ops_phone_numbers;
  const auto& own = meta.audience == Audience::OPS ? staff.ops_emails : staff.admin_emails;
  const auto& other = meta.audience == Audience::OPS ? staff.admin_emails : staff.ops_emails;
  return own.empty() ? other : own;
}

const char* staff_setting(const TemplateMeta& meta) {
  if (meta.channel == Channel::SMS) return "OPS_ALERT_PHONE_NUMBERS";
  return meta.audience == Audience::OPS ? "OPS_ALERT_EMAIL" : "ADMIN_ALERT_EMAILS";
}

Recipients none(std::string reason, std::string detail) {
  return {{}, Refusal{Status::BLOCKED_NO_RECIPIENT, std::move(reason), std::move(detail)}};
}

Recipients staff_recipients(const TemplateMeta& meta, const StaffAddresses& staff, const TemplateMeta* paired) {
  const std::vector<std::string> reached = paired ? staff_of(*paired, staff) : std::vector<std::string>{};
  Recipients found;
  const auto all = staff_of(meta, staff);
  for (const std::string& address : all) {
    const auto parsed = parse_for(meta.channel, address);
    if (!parsed || std::find(reached.begin(), reached.end(), address) != reached.end()) continue;
    if (std::find(found.addresses.begin(), found.addresses.end(), *parsed) == found.addresses.end())
      found.addresses.push_back(*parsed);
  }
  if (!found.addresses.empty()) return found;
  if (!all.empty() && !reached.empty())
    return none("REACHED_BY_PAIRED_TEMPLATE", "every address already gets " + meta.paired_with);
  return none("STAFF_ADDRESS_MISSING", std::string("set ") + staff_setting(meta));
}

// A test goes to one of the staff's addresses, or to all.
Recipients tested_staff(const std::string& recipient, const TemplateMeta& meta, const StaffAddresses& staff) {
  Recipients found = staff_recipients(meta, staff, nullptr);
  if (found.refusal || recipient.empty()) return found;
  const auto parsed = parse_for(meta.channel, recipient);
  if (parsed && std::find(found.addresses.begin(), found.addresses.end(), *parsed) != found.addresses.end())
    return {{*parsed}, std::nullopt};
  return {{},
          Refusal{Status::BLOCKED_INVALID_REQUEST, "RECIPIENT_NOT_STAFF",
                  std::string("recipient: must be one of the addresses of ") + staff_setting(meta)}};
}

Recipients contact_of(const TemplateMeta& meta, const events::ClientState* client) {
  if (!client || !client->contacts)
    return none("CONTACT_MISSING", std::string("the client has no contact with ") + word_for(meta.channel));
  const std::string& address = contact_for(meta, *client->contacts);
  if (address.empty())
    return none("CONTACT_MISSING", std::string("the client's contacts lack ") + word_for(meta.channel));
  auto parsed = parse_for(meta.channel, address);
  if (!parsed) return none("CONTACT_INVALID", std::string("the client's contact is not ") + word_for(meta.channel));
  return {{std::move(*parsed)}, std::nullopt};
}

}  // namespace

Recipients resolve_recipients(const events::SendRequest& request, const TemplateMeta& meta,
                              const events::ClientState* client, const StaffAddresses& staff,
                              const TemplateMeta* paired) {
  const bool test = is_test_send(request);
  if (meta.audience != Audience::CLIENT)
    return test ? tested_staff(request.recipient, meta, staff) : staff_recipients(meta, staff, paired);
  if (request.recipient.empty() && meta.category == "tenant_alerts") {
    return {{},
            Refusal{Status::BLOCKED_PROVIDER_NOT_CONFIGURED, "ALERT_ADDRESS_MISSING",
                    std::string("the tenant's alert settings lack ") + word_for(meta.channel)}};
  }
  if (request.recipient.empty()) return contact_of(meta, client);
  const auto invalid = [](std::string reason, std::string detail) {
    return Recipients{{}, Refusal{Status::BLOCKED_INVALID_REQUEST, std::move(reason), std::move(detail)}};
  };
  if (!meta.explicit_recipient && !test) {
    return invalid("RECIPIENT_NOT_ALLOWED",
                   "recipient: this template goes to the client's own contact; leave recipient out");
  }
  auto parsed = parse_for(meta.channel, request.recipient);
  if (!parsed)
    return invalid("RECIPIENT_WRONG_CHANNEL", std::string("recipient: this template needs ") + word_for(meta.channel));
  return {{std::move(*parsed)}, std::nullopt};
}

std::size_t message_count(const TemplateMeta* meta, const StaffAddresses& staff, const TemplateMeta* paired) {
  if (!meta || meta->audience == Audience::CLIENT) return 1;
  return std::max<std::size_t>(1, staff_recipients(*meta, staff, paired).addresses.size());
}

}  // namespace carillon::orchestrator
