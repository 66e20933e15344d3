set(DEPS OpenSSL::SSL OpenSSL::Crypto)
