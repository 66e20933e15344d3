#include "sandbox/app/receipt_keys.hpp"

#include <mutex>
#include <optional>
#include <stdexcept>

#include "security/digest.hpp"
#include "security/webhooks/self_made_chain.hpp"
#include "security/webhooks/sendgrid_signature.hpp"
#include "security/webhooks/sns_signature.hpp"

namespace carillon::sandbox {
namespace {

namespace webhooks = security::webhooks;

constexpr std::chrono::days valid_for{365};
constexpr std::chrono::hours clock_margin{1};
constexpr std::size_t pem_line_chars = 64;
constexpr std::size_t name_digits = 32;

// The base64 between the two lines of dashes.
std::string der_of(std::string_view pem) {
  const std::size_t begin = pem.find('\n') + 1;
  std::string packed(pem.substr(begin, pem.find("-----END") - begin));
  std::erase(packed, '\n');
  bool ok = false;
  return security::from_base64(packed, ok);
}

}  // namespace

std::string subscription_arn() {
  std::string arn(receipts_topic);
  arn += ":00000000-0000-4000-8000-000000000000";
  return arn;
}

struct ReceiptKeys::Sns {
  webhooks::SelfMadeChain chain;
  webhooks::SnsSigner signer;
};

struct ReceiptKeys::State {
  const Clock& clock;
  std::once_flag sendgrid_once, sns_once;
  std::optional<webhooks::SendGridSigner> sendgrid;
  std::unique_ptr<Sns> sns;
};

ReceiptKeys::ReceiptKeys(const Clock& clock) : state_(new State{clock, {}, {}, {}, {}}) {}
ReceiptKeys::~ReceiptKeys() = default;

const webhooks::SendGridSigner& ReceiptKeys::sendgrid() const {
  std::call_once(state_->sendgrid_once, [this] { state_->sendgrid = webhooks::SendGridSigner::generate(); });
  return *state_->sendgrid;
}

std::string ReceiptKeys::sendgrid_public_pem() const {
  const std::string key = sendgrid().public_key();
  std::string out = "-----BEGIN PUBLIC KEY-----\n";
  for (std::size_t at = 0; at < key.size(); at += pem_line_chars) out += key.substr(at, pem_line_chars) + "\n";
  return out + "-----END PUBLIC KEY-----\n";
}

const ReceiptKeys::Sns& ReceiptKeys::made_sns() const {
  std::call_once(state_->sns_once, [this] {
    webhooks::ChainWish wish;
    wish.valid_from = state_->clock.now() - clock_margin;
    wish.valid_until = state_->clock.now() + valid_for;
    wish.issuer_url = std::string(issuer_origin) + std::string(issuer_path);
    webhooks::SelfMadeChain chain = webhooks::make_chain(wish);
    auto signer = webhooks::SnsSigner::from_pem(chain.leaf_key);
    if (!signer) throw std::logic_error("a key that was just made can't be read: " + signer.error().detail);
    state_->sns.reset(new Sns{std::move(chain), std::move(*signer)});
  });
  return *state_->sns;
}

const webhooks::SnsSigner& ReceiptKeys::sns() const {
  return made_sns().signer;
}
const std::string& ReceiptKeys::root() const {
  return made_sns().chain.root;
}
const std::string& ReceiptKeys::intermediate() const {
  return made_sns().chain.intermediate;
}
const std::string& ReceiptKeys::leaf() const {
  return made_sns().chain.leaf;
}
std::string ReceiptKeys::intermediate_der() const {
  return der_of(intermediate());
}
std::string ReceiptKeys::leaf_path() const {
  return std::string(leaf_path_begin) + security::hex(security::sha256(leaf())).substr(0, name_digits) + ".pem";
}

}  // namespace carillon::sandbox
