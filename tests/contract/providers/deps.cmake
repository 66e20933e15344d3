set(DEPS carillon_provider_dispatcher carillon_sandbox OpenSSL::SSL OpenSSL::Crypto)
set(APART ON)
