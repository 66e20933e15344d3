// A certificate chain as SNS's: root, intermediate, and an RSA leaf issued to a name. For the sandbox, which signs in
// SNS's stead, and for tests; nobody else trusts it. Makes keys, which takes some 0.1 s. Thread-safe.
#pragma once
#include <string>

#include "time/utc_time.hpp"

namespace carillon::security::webhooks {

struct ChainWish {
  std::string dns_name = "sns.amazonaws.com";  // of the leaf
  UtcTime valid_from, valid_until;             // of the leaf; the issuers' begins a day earlier and ends a day later
  std::string issuer_url;                      // where the leaf says its issuer is; "": nowhere
  int leaf_key_bits = 2048;
  bool for_tls_servers = true;  // extended key usage of the leaf; else e-mail
};

struct SelfMadeChain {
  std::string root;          // PEM, as are all
  std::string intermediate;  // issued by the root
  std::string leaf;          // issued by the intermediate
  std::string leaf_key;      // PKCS #8, not encrypted
};

SelfMadeChain make_chain(const ChainWish& wish);

}  // namespace carillon::security::webhooks
